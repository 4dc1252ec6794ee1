using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Runtime;

public sealed class RecordFunctionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Runs of every length around the one from which records stay where they are, with and without stamps, in batches of every size.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(7, true)]
    [InlineData(64, false)]
    [InlineData(100, true)]
    public async Task A_filter_keeps_order_and_times_whatever_the_runs(int batchSize, bool bySplit)
    {
        var random = new Random(batchSize);
        List<long> numbers = [];
        while (numbers.Count < 3000)
        {
            var keep = numbers.Count == 0 || numbers[^1] % 2 == 1;
            numbers.AddRange(Enumerable.Range(0, random.Next(1, 40)).Select(_ => (random.Next(1000) * 2L) + (keep ? 0 : 1)));
        }

        var sink = new CollectingSink<long>(static (n, timeMs) => $"{n}@{timeMs}");
        var job = new StreamJobBuilder("runs", new StreamJobOptions { BatchSize = batchSize });
        var strategy = WatermarkStrategy.BoundedOutOfOrderness<long>(TimeSpan.FromSeconds(10), static n => n * 3);
        job.FromSource("in", "in", new CollectionSource<long>(numbers.ToArray()), bySplit ? strategy.WithLatenessBySplit() : strategy)
            .Filter(default(Even), "even").Map<long, Half>(default, "half").SinkTo("out", "out", sink);

        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;

        Assert.Equal(numbers.Where(static n => n % 2 == 0).Select(static n => $"{n / 2}@{n * 3}"), sink.Committed);
    }

    [Fact]
    public void A_failing_record_ends_the_job_and_names_operator_subtask_and_position()
    {
        var harness = new StreamHarness<long, long>(static (_, input) => input.Map(static n => 100 / n, "division"));
        harness.Push(5, 0);
        harness.Push(4, 1);

        var error = Assert.Throws<StreamJobException>(() => harness.Push(0, 2));

        Assert.Equal("division", error.OperatorName);
        Assert.Equal(0, error.SubtaskIndex);
        Assert.Equal(2, error.RecordPosition);
        Assert.Contains("record 2", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Kinds => ["map", "filter", "flat-map", "process", "keyed", "window", "session", "general"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_failing_record_can_be_put_aside(string kind)
    {
        var failed = new OutputTag<FailedRecord>("failed");
        var (kept, aside) = (new CollectingSink<long>(), new CollectingSink<FailedRecord>(static (f, timeMs) => $"{f.OperatorName}/{f.SubtaskIndex}/{f.Position} {f.Record}@{timeMs} {f.Error.Message}"));
        var job = new StreamJobBuilder("aside", new StreamJobOptions { BatchSize = 8 });
        var input = job.FromSource("in", "in", new CollectionSource<long>(Enumerable.Range(0, 30).Select(static n => (long)n).ToArray()), WatermarkStrategy.Monotonous<long>(static n => n));
        var stream = Build(input, kind).SideOutputFailedRecords(failed);
        stream.SinkTo("kept", "kept", kept);
        stream.SideOutput(failed).SinkTo("aside", "aside", aside);

        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;

        Assert.Equal(["op/0/7 7@7 seven", "op/0/17 17@17 seven", "op/0/27 27@27 seven"], aside.Committed);
        Assert.Equal(3, run.Snapshot().Total("op").FailedRecords);
        Assert.Equal(Enumerable.Range(0, 30).Where(static n => n % 10 != 7).Sum(), kept.Committed.Sum(static text => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_function_without_keys_sees_times_and_side_outputs()
    {
        var odd = new OutputTag<string>("odd");
        var harness = new StreamHarness<long, string>((_, input) => input.Process<string>(
            (n, context) =>
            {
                if (n % 2 == 1)
                {
                    context.Collect(odd, $"{n}");
                }
                else
                {
                    context.Collect($"{n}@{context.TimestampMs}<{context.WatermarkMs}");
                    context.Collect("twice");
                }
            },
            "parity"));
        var sides = harness.Collect(odd);
        harness.Watermark(4);
        harness.Push(2, 5);
        harness.Push(3, 6);

        Assert.Equal([new TimedResult<string>("2@5<4", 5), new TimedResult<string>("twice", 5)], harness.Results);
        Assert.Equal([new TimedResult<string>("3", 6)], sides);
    }

    private static DataStream<long> Build(DataStream<long> input, string kind) => kind switch
    {
        "map" => input.Map(Picky, "op"),
        "filter" => input.Filter(static n => Picky(n) >= 0, "op"),
        "flat-map" => input.FlatMap<long>(static (n, output) => output.Collect(Picky(n)), "op"),
        "process" => input.Process<long>(static (n, output) => output.Collect(Picky(n)), "op"),
        "keyed" => input.KeyBy(static n => n % 3).Process("op", "op", static () => new PickyFunction()),
        "window" => input.KeyBy(static n => n % 3).Window(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(10)))
            .Aggregate("op", "op", new PickySum(), static (_, _, sum) => sum),
        "session" => input.KeyBy(static n => n % 3).Window(SessionWindows.OfEventTime<long>(TimeSpan.FromMilliseconds(10)))
            .Aggregate("op", "op", new PickySum(), static (_, _, sum) => sum),
        _ => input.KeyBy(static n => n % 3).Window(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(10)))
            .Trigger(Triggers.Purging(Triggers.EventTime<long>())).Aggregate("op", "op", new PickySum(), static (_, _, sum) => sum),
    };

    private static long Picky(long n) => n % 10 == 7 ? throw new InvalidOperationException("seven") : n;

    private readonly struct Even : IRecordPredicate<long>
    {
        public bool Keep(in long record) => record % 2 == 0;
    }

    private readonly struct Half : IRecordMap<long, long>
    {
        public void Map(in long record, out long result) => result = record / 2;
    }

    private sealed class PickyFunction : KeyedProcessFunction<long, long, long>
    {
        public override void Process(long record, KeyedContext<long, long> context) => context.Collect(Picky(record));
    }

    private sealed class PickySum : IAggregateFunction<long, long, long>
    {
        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long record) => accumulator += Picky(record);

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;
    }
}
