using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Time;

public sealed class WatermarkAlignmentTests
{
    private const int Batch = 10;
    private static readonly TimeSpan Drift = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_fast_source_waits_for_the_slowest_of_its_group_and_is_not_idle_meanwhile()
    {
        var slow = new HarnessSource<long>();
        var stepped = await StartAsync(slow, new CollectionSource<long>(Numbers(2_000)));
        slow.Push(100, 100);
        slow.Watermark(100);
        stepped.Settle();

        // Up to the drift, and the batch that passed it.
        var read = stepped.Run.Snapshot().Total("fast").RecordsIn;
        Assert.InRange(read, 601, 601 + Batch + 1);
        stepped.Advance(TimeSpan.FromHours(1));
        Assert.Equal(read, stepped.Run.Snapshot().Total("fast").RecordsIn);
        Assert.False(stepped.Run.Snapshot().Total("fast").IsIdle);
        Assert.Equal(InputState.Paused, Splits(stepped, "fast").Single().State);
    }

    [Fact]
    public async Task The_group_goes_on_when_its_slowest_does_and_is_free_when_that_ends()
    {
        var slow = new HarnessSource<long>();
        var stepped = await StartAsync(slow, new CollectionSource<long>(Numbers(2_000)));
        slow.Watermark(100);
        stepped.Settle();
        slow.Watermark(900);
        stepped.Settle();
        Assert.InRange(stepped.Run.Snapshot().Total("fast").RecordsIn, 1401, 1401 + Batch + 1);
        slow.Complete();
        stepped.Settle();

        await stepped.UntilAsync(stepped.Run.Completion);
        Assert.Equal(2_000, stepped.Run.Snapshot().Total("fast").RecordsIn);
    }

    [Fact]
    public async Task A_source_that_falls_silent_lets_the_group_go_on()
    {
        var slow = new HarnessSource<long>();
        var stepped = await StartAsync(slow, new CollectionSource<long>(Numbers(2_000)), idleness: TimeSpan.FromSeconds(5));
        slow.Watermark(100);
        stepped.Settle();
        Assert.InRange(stepped.Run.Snapshot().Total("fast").RecordsIn, 601, 601 + Batch + 1);
        stepped.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(InputState.Idle, Splits(stepped, "slow").Single().State);
        Assert.Equal(2_000, stepped.Run.Snapshot().Total("fast").RecordsIn);
    }

    [Fact]
    public async Task Splits_of_one_source_are_paused_one_by_one()
    {
        var stepped = new SteppedJob();
        var job = new StreamJobBuilder("aligned", new StreamJobOptions { BatchSize = Batch, Time = stepped.Clock });
        long[] sparse = [.. Numbers(20).Select(static n => n * 100)];
        var order = new CollectingSink<long>();
        job.FromSource("in", "in", new CollectionSource<long>(Numbers(1_900), sparse), WatermarkStrategy.Monotonous<long>(static n => n).WithAlignment("group", TimeSpan.FromMilliseconds(100)))
            .SinkTo("out", "out", order);
        await stepped.StartAsync(job.Build());
        await stepped.UntilAsync(stepped.Run.Completion);

        // Without alignment the second split, which takes two batches, is at its end after four; with it the first comes along.
        var read = order.Committed.Select(long.Parse).ToList();
        Assert.Equal(1_920, read.Count);
        Assert.True(read.LastIndexOf(1_900) > read.IndexOf(700), "the sparse split ran ahead of the dense one");
    }

    [Fact]
    public async Task Without_a_group_a_source_runs_ahead()
    {
        var slow = new HarnessSource<long>();
        var stepped = await StartAsync(slow, new CollectionSource<long>(Numbers(2_000)), group: "another");
        slow.Watermark(100);
        stepped.Settle();

        Assert.Equal(2_000, stepped.Run.Snapshot().Total("fast").RecordsIn);
    }

    private static long[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(static n => (long)n)];

    private static IReadOnlyList<SplitExplanation> Splits(SteppedJob stepped, string source) => stepped.Run.ExplainWatermark(source).Path[0].Splits;

    private static async Task<SteppedJob> StartAsync(HarnessSource<long> slow, CollectionSource<long> fast, string group = "group", TimeSpan? idleness = null)
    {
        var stepped = new SteppedJob();
        var job = new StreamJobBuilder("aligned", new StreamJobOptions { BatchSize = Batch, Time = stepped.Clock });
        var slowStrategy = WatermarkStrategy.Custom(() => (IWatermarkGenerator<long>)slow).WithAlignment(group, Drift);
        slowStrategy = idleness is { } timeout ? slowStrategy.WithIdleness(timeout) : slowStrategy;
        var slowly = job.FromSource("slow", "slow", slow, slowStrategy);
        var quickly = job.FromSource("fast", "fast", fast, WatermarkStrategy.Monotonous<long>(static n => n).WithAlignment("group", Drift).WithIdleness(TimeSpan.FromSeconds(1)));
        slowly.Union(quickly).SinkTo("out", "out", new CollectingSink<long>());

        // The slow source speaks first: a source that has said nothing yet holds nobody back.
        slow.Watermark(1);
        await stepped.StartAsync(job.Build());
        return stepped;
    }
}
