using System.Diagnostics.Metrics;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Diagnostics;

/// <summary>
/// The engine's instruments, in the meter <c>DataPlatform.Streaming</c>. Numbers of operators are read off the running jobs when someone looks, so
/// that they cost nothing in between. Tags: <c>job</c>, <c>operator</c>, <c>subtask</c>.
/// </summary>
internal static class StreamingInstruments
{
    private static readonly Lock Gate = new();
    private static readonly List<JobAttempt> Running = [];
    private static readonly Meter Meter = new("DataPlatform.Streaming");
    private static readonly Histogram<double> CheckpointDuration = Meter.CreateHistogram<double>(
        "dataplatform.streaming.checkpoint.duration", "s", "From the barrier to the manifest.");

    private static readonly Histogram<long> CheckpointSize = Meter.CreateHistogram<long>("dataplatform.streaming.checkpoint.size", "By", "State and manifest.");
    private static readonly Counter<long> CheckpointFailures = Meter.CreateCounter<long>(
        "dataplatform.streaming.checkpoint.failures", "{checkpoint}", "Checkpoints that were given up.");

    private static readonly Counter<long> Restarts = Meter.CreateCounter<long>(
        "dataplatform.streaming.job.restarts", "{restart}", "Attempts that followed a failed one.");

    static StreamingInstruments()
    {
        Counter("records.in", "{record}", "Records taken.", static o => o.RecordsIn);
        Counter("records.out", "{record}", "Records given to the main output.", static o => o.RecordsOut);
        Counter("bytes.in", "By", "Bytes of the records taken, as they lie in batches.", static o => o.BytesIn);
        Counter("bytes.out", "By", "Bytes of the records given to the main output, as they lie in batches.", static o => o.BytesOut);
        Counter("records.late", "{record}", "Records that came too late for all their windows.", static o => o.LateRecords);
        Counter("records.failed", "{record}", "Records that a user function threw on and that were put aside.", static o => o.FailedRecords);
        Time("time.busy", "How long the subtask has worked.", static o => o.Busy);
        Time("time.idle", "How long the subtask has had nothing to do.", static o => o.Idle);
        Time("time.backpressured", "How long the subtask has had no room for results.", static o => o.BackPressured);
        Meter.CreateObservableGauge("dataplatform.streaming.watermark", () => Read(static o => o.WatermarkMs), "ms", "The event time reached.");
        Meter.CreateObservableGauge(
            "dataplatform.streaming.watermark.lag", () => Read(static o => o.WatermarkLag?.TotalSeconds), "s", "How far event time is behind the clock.");
        Meter.CreateObservableGauge(
            "dataplatform.streaming.state.size", () => Read(static o => (long?)o.StateBytes), "By", "State as the last checkpoint or savepoint holds it.");
    }

    public static void Add(JobAttempt attempt)
    {
        lock (Gate)
        {
            Running.Add(attempt);
        }
    }

    public static void Remove(JobAttempt attempt)
    {
        lock (Gate)
        {
            Running.Remove(attempt);
        }
    }

    public static void Completed(string job, CheckpointSnapshot checkpoint)
    {
        CheckpointDuration.Record(checkpoint.Duration.TotalSeconds, new KeyValuePair<string, object?>("job", job));
        CheckpointSize.Record(checkpoint.SizeBytes, new KeyValuePair<string, object?>("job", job));
    }

    public static void GivenUp(string job) => CheckpointFailures.Add(1, new KeyValuePair<string, object?>("job", job));

    public static void Restarted(string job) => Restarts.Add(1, new KeyValuePair<string, object?>("job", job));

    private static void Counter(string name, string unit, string description, Func<OperatorSnapshot, long> value)
        => Meter.CreateObservableCounter($"dataplatform.streaming.{name}", () => Read(o => (long?)value(o)), unit, description);

    private static void Time(string name, string description, Func<OperatorSnapshot, TimeSpan> value)
        => Meter.CreateObservableCounter($"dataplatform.streaming.{name}", () => Read(o => (double?)value(o).TotalSeconds), "s", description);

    private static IEnumerable<Measurement<T>> Read<T>(Func<OperatorSnapshot, T?> value)
        where T : struct
    {
        foreach (var snapshot in Snapshots())
        {
            foreach (var part in snapshot.Operators)
            {
                if (value(part) is { } number)
                {
                    yield return new Measurement<T>(
                        number,
                        new KeyValuePair<string, object?>("job", snapshot.JobName),
                        new KeyValuePair<string, object?>("operator", part.Name),
                        new KeyValuePair<string, object?>("subtask", part.SubtaskIndex));
                }
            }
        }
    }

    private static IEnumerable<Measurement<long>> Read(Func<OperatorSnapshot, long> value) => Read(o => (long?)value(o));

    private static List<JobSnapshot> Snapshots()
    {
        lock (Gate)
        {
            return [.. Running.Select(static a => a.Snapshot())];
        }
    }
}
