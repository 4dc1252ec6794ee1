using System.Diagnostics;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.RocksDb;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Where keyed state of the measured jobs lives.</summary>
internal static class NexmarkStates
{
    /// <summary>By name: makes the back end of one run, which is disposed after it.</summary>
    public static IReadOnlyDictionary<string, Func<StateBackend>> All { get; } = new Dictionary<string, Func<StateBackend>>
    {
        ["heap"] = static () => StateBackend.Heap,
        ["rocksdb"] = static () => new RocksDbStateBackend(),
    };
}

/// <summary>What one run of a job took.</summary>
internal sealed record NexmarkMeasure(double Seconds, double CpuSeconds, long AllocatedBytes, long Results, CheckpointSnapshot? LastCheckpoint, LatencyHistogram? Latency);

/// <summary>Runs queries as jobs of one setting.</summary>
internal sealed record NexmarkRun(NexmarkGenerator Generator, string State, int Parallelism, long? EventsPerSecond, int CheckpointMs)
{
    public async Task<NexmarkMeasure> RunAsync(string query, long events, CancellationToken cancellationToken)
    {
        var options = new StreamJobOptions { Parallelism = Parallelism, CheckpointInterval = CheckpointMs == 0 ? null : TimeSpan.FromMilliseconds(CheckpointMs) };
        if (EventsPerSecond is not null)
        {
            options.BatchLinger = TimeSpan.FromMilliseconds(1);
        }

        options.StateBackend = NexmarkStates.All[State]();
        using var backend = options.StateBackend as IDisposable;
        NexmarkSerializers.Register(options.Serializers);
        var job = new StreamJobBuilder(query, options);
        var source = new NexmarkSource(Generator, events, Parallelism, EventsPerSecond);
        var end = new Counting(EventsPerSecond is null ? null : new LatencyHistogram());
        NexmarkQueries.All[query](job.FromSource("events", "events", source, WatermarkStrategy.Monotonous<NexmarkEvent>()), end);
        var built = job.Build();
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await using var run = await built.StartAsync(cancellationToken);
        await run.Completion;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new NexmarkMeasure(
            seconds,
            (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            GC.GetTotalAllocatedBytes(precise: true) - allocated,
            end.Count(),
            run.Snapshot().LastCheckpoint,
            end.Latency);
    }

    private sealed class Counting(LatencyHistogram? latency) : INexmarkEnd
    {
        public Func<long> Count { get; private set; } = static () => 0;

        public LatencyHistogram? Latency => latency;

        public void End<T>(DataStream<T> results)
        {
            var sink = new CountingSink<T>(latency);
            results.SinkTo("null", "null", sink);
            Count = () => sink.Count;
        }
    }
}
