using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaStreams;
using DataPlatform.Samples.FlightDelays.Domain;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>The stream job: raw arrivals into the lake, windows of delays by destination, and what came too late for them.</summary>
public static class ArrivalsJob
{
    /// <summary>The operator that reads the outbox.</summary>
    public const string SourceOperator = "outbox";

    /// <summary>The operator that keeps the windows.</summary>
    public const string WindowOperator = "hourly";

    /// <summary>How far an arrival may come in behind the newest one of its split and still find its hour open.</summary>
    public static readonly TimeSpan OutOfOrderness = TimeSpan.FromMinutes(120);

    private static readonly TimeSpan WindowSize = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan Idleness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(1);

    /// <summary>Builds the job.</summary>
    /// <param name="source">The arrivals, in splits by destination.</param>
    /// <param name="tables">Where results go.</param>
    /// <param name="checkpoints">Where checkpoints go.</param>
    /// <param name="parallelism">Subtasks per operator.</param>
    public static StreamJob Build(ISource<Arrival> source, LakeTables tables, IObjectStore checkpoints, int parallelism)
    {
        var job = new StreamJobBuilder("flight-delays", new StreamJobOptions
        {
            Parallelism = parallelism,
            CheckpointStore = checkpoints,
            CheckpointInterval = CheckpointInterval,
        });
        job.Serializers.Register(StateSerializer.Create<DelayHistogram>("delay-histogram/1", Write, Read));
        var late = new OutputTag<Arrival>("late");

        var arrivals = job.FromSource(
            SourceOperator, uid: "outbox", source,
            WatermarkStrategy.BoundedOutOfOrderness<Arrival>(OutOfOrderness, a => a.Flight.ScheduledMs).WithIdleness(Idleness).WithLatenessBySplit());
        arrivals.SinkTo("raw", uid: "raw", new DeltaSink<Arrival>(tables.Arrivals, LakeTables.ArrivalRows));

        var hourly = arrivals
            .KeyBy(a => a.Flight.Destination)
            .Window(TumblingWindows.OfEventTime(WindowSize))
            .SideOutputLateData(late)
            .Aggregate(WindowOperator, uid: "hourly", new DelayAggregate(), (airport, window, delays) => new HourlyDelays(
                airport, window.StartMs, window.EndMs, delays.Count, delays.SumMinutes, delays.PercentileMinutes(95), delays.MaximumMinutes));
        hourly.SinkTo("hourly-table", uid: "hourly-table", new DeltaSink<HourlyDelays>(tables.Hourly, LakeTables.HourlyRows));
        hourly.SideOutput(late).SinkTo("late-table", uid: "late-table", new DeltaSink<Arrival>(tables.Late, LakeTables.ArrivalRows));
        return job.Build();
    }

    private static void Write(StateWriter writer, DelayHistogram histogram)
    {
        writer.WriteVarUInt64((ulong)histogram.Entries.Count);
        foreach (var (minutes, count) in histogram.Entries)
        {
            writer.WriteVarInt64(minutes);
            writer.WriteVarUInt64((ulong)count);
        }
    }

    private static DelayHistogram Read(ref StateReader reader)
    {
        var histogram = new DelayHistogram();
        for (var left = reader.ReadVarUInt64(); left > 0; left--)
        {
            histogram.Add((int)reader.ReadVarInt64(), (int)reader.ReadVarUInt64());
        }

        return histogram;
    }
}
