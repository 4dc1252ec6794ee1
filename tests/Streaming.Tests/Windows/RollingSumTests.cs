using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Windows;

/// <summary>Sliding windows whose aggregate can take away, beside the same aggregate that cannot.</summary>
public sealed class RollingSumTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(60, 20, true)]
    [InlineData(60, 20, false)]
    [InlineData(60, 25, true)]
    [InlineData(60, 25, false)]
    [InlineData(1000, 10, true)]
    [InlineData(1000, 10, false)]
    [InlineData(40, 40, true)]
    [InlineData(40, 40, false)]
    [InlineData(20, 50, true)]
    [InlineData(20, 50, false)]
    public async Task Taking_away_gives_what_putting_together_gives(int sizeMs, int slideMs, bool bySplit)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var plain = await RunAsync(seed, sizeMs, slideMs, bySplit, new TotalAggregate());
            var counted = new RetractingTotal();
            var rolling = await RunAsync(seed, sizeMs, slideMs, bySplit, counted);

            Assert.NotEmpty(plain);
            Assert.Equal(plain, rolling);
            Assert.Equal(sizeMs > slideMs, counted.Retracted > 0);
        }
    }

    /// <summary>Many records come after some of their windows have fired, others after the watermark has gone far ahead.</summary>
    private static async Task<IReadOnlyList<string>> RunAsync(int seed, int sizeMs, int slideMs, bool bySplit, TotalAggregate aggregate)
    {
        var random = new Random(seed);
        var readings = Enumerable.Range(0, 600).Select(i => new Reading($"k{random.Next(5)}", (i * 7L) + (i / 200 * 3000) - random.Next(80), random.Next(100))).ToArray();
        var sink = new CollectingSink<string>();
        var job = new StreamJobBuilder("rolling", new StreamJobOptions { Parallelism = 1, BatchSize = 4 });
        job.Serializers.Register(TotalAggregate.Serializer);
        var strategy = WatermarkStrategy.BoundedOutOfOrderness<Reading>(TimeSpan.FromMilliseconds(30), static r => r.TimeMs);
        strategy = bySplit ? strategy.WithLatenessBySplit() : strategy;
        job.FromSource("in", "in", new CollectionSource<Reading>(readings.AsMemory()), strategy)
            .KeyBy(static r => r.Key).Window(SlidingWindows.OfEventTime(TimeSpan.FromMilliseconds(sizeMs), TimeSpan.FromMilliseconds(slideMs)))
            .Aggregate("window", "window", aggregate, static (key, window, total) => $"{window.StartMs} {key} {total.Count}:{total.Sum}")
            .SinkTo("out", "out", sink);
        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;
        return sink.Sorted;
    }
}
