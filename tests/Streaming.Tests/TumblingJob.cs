using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests;

/// <summary>The job of the recovery tests: raw copy, tumbling totals by key, late records; with sinks that outlive it.</summary>
public sealed class TumblingJob(Reading[][] splits)
{
    public const long SizeMs = 100;
    public const long BoundMs = 150;

    public CollectingSink<Reading> Raw { get; } = new(WindowModel.FormatLate);

    public CollectingSink<string> Windows { get; } = new();

    public CollectingSink<Reading> Late { get; } = new(WindowModel.FormatLate);

    public StreamJob Build(IObjectStore store, int parallelism, TimeSpan? interval = null, Func<Reading, Reading>? map = null, Action<StreamJobOptions>? configure = null)
    {
        var options = new StreamJobOptions { Parallelism = parallelism, CheckpointStore = store, CheckpointInterval = interval, BatchSize = 16, ChannelCapacity = 2 };
        configure?.Invoke(options);
        options.Serializers.Register(TotalAggregate.Serializer);
        var job = new StreamJobBuilder("totals", options);
        var source = new CollectionSource<Reading>([.. splits.Select(static s => new ReadOnlyMemory<Reading>(s))]);
        var readings = job.FromSource("input", "input", source, WatermarkStrategy
            .BoundedOutOfOrderness<Reading>(TimeSpan.FromMilliseconds(BoundMs), static r => r.TimeMs).WithLatenessBySplit());
        readings.SinkTo("raw", "raw", Raw);
        var late = new OutputTag<Reading>("late");
        var totals = readings.Map(map ?? (static r => r)).KeyBy(static r => r.Key)
            .Window(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(SizeMs)))
            .SideOutputLateData(late)
            .Aggregate("totals", "totals", new TotalAggregate(), static (key, window, total) => WindowModel.Format(key, window.StartMs, total));
        totals.SinkTo("windows", "windows", Windows);
        totals.SideOutput(late).SinkTo("late", "late", Late);
        return job.Build();
    }

    public void Verify()
    {
        var (windows, late) = WindowModel.Expect(splits, SizeMs, BoundMs);
        Assert.Equal(windows, Windows.Sorted);
        Assert.Equal(late, Late.Sorted);
        Assert.Equal(splits.SelectMany(static s => s).Select(static r => WindowModel.FormatLate(r, r.TimeMs)).Order(StringComparer.Ordinal), Raw.Sorted);
    }
}
