using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Windows;

public sealed class WindowJobTests
{
    private static readonly Func<long, TimeSpan> Ms = static ms => TimeSpan.FromMilliseconds(ms);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_sliding_window_gives_each_record_to_all_its_windows(int parallelism)
    {
        var readings = WindowModel.RandomSplits(seed: 5, splits: 2, perSplit: 500, keys: 4);
        var sink = new CollectingSink<string>();

        await RunAsync(readings, sink, parallelism, SlidingWindows.OfEventTime(Ms(60), Ms(25)), Ms(100_000), Ms(0), new TotalAggregate(), TotalAggregate.Serializer, static t => $"{t.Count}:{t.Sum}");

        var expected = readings.SelectMany(static s => s)
            .SelectMany(static r => Enumerable.Range(-100, 600).Select(static n => n * 25L).Where(start => start <= r.TimeMs && r.TimeMs < start + 60).Select(start => (start, r)))
            .GroupBy(static x => (x.start, x.r.Key))
            .Select(static g => $"{g.Key.start}-{g.Key.start + 60} {g.Key.Key} {g.Count()}:{g.Sum(static x => x.r.Value)} @{g.Key.start + 59}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), sink.Sorted);
    }

    [Fact]
    public async Task A_record_within_the_allowed_lateness_makes_its_window_fire_again()
    {
        Reading[] readings = [new("a", 10, 1), new("a", 99, 2), new("a", 200, 3), new("a", 50, 4), new("b", 60, 5), new("a", 400, 6), new("a", 20, 7)];
        var sink = new CollectingSink<string>();

        await RunAsync([readings], sink, 1, TumblingWindows.OfEventTime(Ms(100)), Ms(0), Ms(150), new ListAggregate(), ListAggregate.Serializer, static v => v, batchSize: 1);

        Assert.Equal(["0-100 a 1+2 @99", "0-100 a 1+2+4 @99", "0-100 b 5 @99", "200-300 a 3 @299", "400-500 a 6 @499"], sink.Committed);
    }

    [Fact]
    public async Task Accumulators_that_change_in_place_are_frozen_at_the_barrier()
    {
        var readings = Enumerable.Range(0, 3000).Select(static i => new Reading($"k{i % 3}", 10, i)).ToArray();
        var sink = new CollectingSink<string>();
        var store = new Kernel.Storage.InMemoryObjectStore();
        await using (var run = await Build([readings], sink, 1, store).StartAsync(Token))
        {
            await run.TriggerCheckpointAsync(Token);
            await run.StopAsync(cancellationToken: Token);
        }

        await using (var run = await Build([readings], sink, 2, store).StartAsync(Token))
        {
            await run.Completion;
        }

        Assert.Equal(3, sink.Committed.Count);
        Assert.Contains($"k0 {string.Join('+', Enumerable.Range(0, 1000).Select(static i => i * 3))}", sink.Committed);

        static StreamJob Build(Reading[][] splits, CollectingSink<string> sink, int parallelism, Kernel.Storage.IObjectStore store)
        {
            var job = new StreamJobBuilder("lists", new StreamJobOptions { Parallelism = parallelism, BatchSize = 8, CheckpointStore = store });
            job.Serializers.Register(ListAggregate.Serializer);
            job.FromSource("in", "in", new CollectionSource<Reading>([.. splits.Select(static s => new ReadOnlyMemory<Reading>(s))]), WatermarkStrategy.Monotonous<Reading>(static r => r.TimeMs))
                .KeyBy(static r => r.Key).Window(TumblingWindows.OfEventTime(Ms(100)))
                .Aggregate("list", "list", new ListAggregate(), static (key, _, values) => $"{key} {values}").SinkTo("out", "out", sink);
            return job.Build();
        }
    }

    private static async Task RunAsync<TAcc, TResult>(
        Reading[][] splits,
        CollectingSink<string> sink,
        int parallelism,
        SlidingWindows windows,
        TimeSpan bound,
        TimeSpan lateness,
        DataPlatform.Streaming.Operators.IAggregateFunction<Reading, TAcc, TResult> aggregate,
        DataPlatform.Streaming.State.IStateSerializer<TAcc> serializer,
        Func<TResult, string> format,
        int batchSize = 64)
    {
        var job = new StreamJobBuilder("windows", new StreamJobOptions { Parallelism = parallelism, BatchSize = batchSize });
        job.Serializers.Register(serializer);
        job.FromSource(
            "in",
            "in",
            new CollectionSource<Reading>([.. splits.Select(static s => new ReadOnlyMemory<Reading>(s))]),
            WatermarkStrategy.BoundedOutOfOrderness<Reading>(bound, static r => r.TimeMs))
            .KeyBy(static r => r.Key).Window(windows).AllowedLateness(lateness)
            .Aggregate("window", "window", aggregate, (key, window, result) => (window, key, text: format(result)))
            .FlatMap<string>(static (r, output) => output.Collect($"{r.window.StartMs}-{r.window.EndMs} {r.key} {r.text} @{r.window.MaxTimestampMs}"))
            .SinkTo("out", "out", sink);
        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;
    }
}
