using DataPlatform.Kernel;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Operators;

public sealed class PartitioningTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 4, "0-0 0-1 1-2 1-3")]
    [InlineData(4, 2, "0-0 1-0 2-1 3-1")]
    [InlineData(3, 3, "0-0 1-1 2-2")]
    [InlineData(2, 3, "0-0 0-1 1-2")]
    public void Rescaling_connects_those_that_lie_next(int from, int to, string pairs)
    {
        var partitioning = new RescalePartitioning<long>();

        Assert.Equal(pairs.Split(' '), Enumerable.Range(0, from).SelectMany(f => Enumerable.Range(0, to).Where(t => partitioning.Connects(f, t, from, to)).Select(t => $"{f}-{t}")));
    }

    [Fact]
    public async Task A_partitioner_of_ones_own_decides_and_each_operator_has_its_parallelism()
    {
        var sink = new CollectingSink<string>();
        var job = new StreamJobBuilder("custom", new StreamJobOptions { Parallelism = 2, BatchSize = 8 });
        Numbers(job, 300).PartitionBy(static (n, targets) => (int)(n % targets)).Process<string>(static (n, output) => output.Collect($"{n % 3}"), "three").WithParallelism(3)
            .SinkTo("out", "out", sink, parallelism: 1);

        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;

        Assert.Equal([100L, 100L, 100L], run.Snapshot().Operators.Where(static o => o.Name == "three").Select(static o => o.RecordsIn));
        Assert.Equal(1, run.Snapshot().Operators.Count(static o => o.Name == "out"));
        Assert.Equal(300, sink.Committed.Count);
    }

    [Fact]
    public async Task A_partitioner_that_names_a_subtask_that_is_not_there_ends_the_job()
    {
        var job = new StreamJobBuilder("custom", new StreamJobOptions { Parallelism = 2 });
        Numbers(job, 10).PartitionBy(static (_, targets) => targets).Map(static n => n).SinkTo("out", "out", new CollectingSink<long>());

        await using var run = await job.Build().StartAsync(Token);
        var error = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Contains("subtask 2; there are 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rescale")]
    [InlineData("rebalance")]
    [InlineData("forward")]
    public async Task Every_record_arrives_once(string edge)
    {
        var sink = new CollectingSink<long>();
        var job = new StreamJobBuilder("edges", new StreamJobOptions { Parallelism = 2, BatchSize = 8 });
        var numbers = Numbers(job, 500);
        var connected = edge switch
        {
            "rescale" => numbers.Rescale().Map(static n => n, "next").WithParallelism(5),
            "rebalance" => numbers.Rebalance().Map(static n => n, "next").WithParallelism(3),
            _ => numbers.Forward().Map(static n => n, "next"),
        };
        connected.SinkTo("out", "out", sink);

        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;

        Assert.Equal(Enumerable.Range(0, 500).Select(static n => $"{n}"), sink.Committed.OrderBy(long.Parse));
    }

    [Fact]
    public void A_forward_edge_between_different_parallelisms_is_refused()
    {
        var job = new StreamJobBuilder("edges", new StreamJobOptions { Parallelism = 2 });
        Numbers(job, 5).Forward().Map(static n => n, "next").WithParallelism(3);

        var error = Assert.Throws<StreamJobException>(job.Build);

        Assert.Equal((ErrorKind.Invalid, "next"), (error.Kind, error.OperatorName));
    }

    [Fact]
    public void Windows_over_everything_and_aggregates_with_metadata()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.WindowAll(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(10)))
            .Aggregate<long, long, string>("sum", "sum", new Sum(), static (context, sum, output) =>
            {
                output.Collect($"{context.Window} {sum}");
                output.Collect($"at {context.WatermarkMs}");
            }));
        foreach (var number in Enumerable.Range(0, 15))
        {
            harness.Push(number, number);
        }

        harness.Watermark(9);
        harness.Complete();

        Assert.Equal([new TimedResult<string>("[0, 10) 45", 9), new("at 9", 9), new("[10, 20) 60", 19), new($"at {long.MaxValue}", 19)], harness.Results);
    }

    [Fact]
    public void Count_windows_and_sessions_over_everything()
    {
        var counts = new StreamHarness<long, long>(static (_, input) => input.CountWindowAll(2).Reduce("sum", "sum", static (a, b) => a + b, static (_, _, sum) => sum));
        var sessions = new StreamHarness<long, long>(static (_, input) => input.WindowAll(SessionWindows.OfEventTime<long>(TimeSpan.FromMilliseconds(5))).Reduce("sum", "sum", static (a, b) => a + b, static (_, _, sum) => sum));
        foreach (var (number, timeMs) in new[] { (1L, 0L), (2L, 4L), (3L, 20L), (4L, 100L), (5L, 101L) })
        {
            counts.Push(number, timeMs);
            sessions.Push(number, timeMs);
        }

        sessions.Complete();
        Assert.Equal([3, 7], counts.Results.Select(static r => r.Value));
        Assert.Equal([3, 3, 9], sessions.Results.Select(static r => r.Value));
    }

    [Fact]
    public void Processing_time_windows_are_given_out_when_a_bounded_input_ends()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.KeyBy(static n => n % 2).Window(TumblingWindows.OfProcessingTime(TimeSpan.FromSeconds(10)))
            .Aggregate("sum", "sum", new Sum(), static (key, _, sum) => $"{key}: {sum}"));
        harness.Push(1, 0);
        harness.Push(3, 0);
        harness.AdvanceClock(TimeSpan.FromSeconds(10));
        Assert.Equal(["1: 4"], harness.TakeResults().Select(static r => r.Value));
        harness.Push(5, 0);
        harness.Push(6, 0);
        harness.Complete();

        Assert.Equal(["0: 6", "1: 5"], harness.Results.Select(static r => r.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_list_a_key_keeps_its_order_over_a_restart()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.KeyBy(static n => n % 2).Process("lists", "lists", static () => new Remember()));
        foreach (var number in new[] { 1L, 2, 3, 5, 4 })
        {
            harness.Push(number, 0);
        }

        harness.Checkpoint();
        harness.Restart();
        _ = harness.TakeResults();
        harness.Push(7, 0);
        harness.Push(-6, 0);
        harness.Push(6, 0);

        Assert.Equal(["1,3,5,7", "", "6"], harness.Results.Select(static r => r.Value));
    }

    private static DataStream<long> Numbers(StreamJobBuilder job, int count)
        => job.FromSource("numbers", "numbers", new CollectionSource<long>(Enumerable.Range(0, count).Select(static n => (long)n).ToArray()), WatermarkStrategy.Monotonous<long>(static n => n));

    private sealed class Sum : IAggregateFunction<long, long, long>
    {
        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long record) => accumulator += record;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;
    }

    private sealed class Remember : KeyedProcessFunction<long, long, string>
    {
        private IListState<long> _seen = null!;

        public override void Open(IKeyedStates states) => _seen = states.List<long>("seen");

        public override void Process(long record, KeyedContext<long, string> context)
        {
            if (record < 0)
            {
                _seen.Clear();
            }
            else
            {
                _seen.Add(record);
            }

            context.Collect(string.Join(',', _seen.Items()));
        }
    }
}
