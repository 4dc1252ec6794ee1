using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Simulation.Streaming;

/// <summary>A topology as a job, and the sinks that outlive its attempts.</summary>
public sealed class RandomJob(RandomTopology topology, int seed)
{
    private readonly SimulatedSink<Outcome>[] _sinks = [.. Enumerable.Range(0, 5).Select(static _ => new SimulatedSink<Outcome>())];

    /// <summary>Everything committed, in order of value.</summary>
    public List<Outcome> Committed
    {
        get
        {
            List<Outcome> all = [.. _sinks.SelectMany(static s => s.Committed)];
            all.Sort(Outcome.Compare);
            return all;
        }
    }

    public StreamJob Build(SimulationContext context)
    {
        foreach (var sink in _sinks)
        {
            sink.Pause = context.PauseAsync;
        }

        var random = new Random(HashCode(seed, context.Attempt));
        var options = new StreamJobOptions
        {
            Parallelism = random.Next(1, 4),
            MaxParallelism = topology.MaxParallelism,
            BatchSize = topology.BatchSize,
            ChannelCapacity = random.Next(1, 4),
            BatchLinger = TimeSpan.FromMilliseconds(random.Next(0, 10)),
            Time = context.Time,
            CheckpointStore = context.Store,
            CheckpointInterval = TimeSpan.FromMilliseconds(topology.CheckpointIntervalMs),

            // Later attempts have the time it takes, or a run of bad luck would have no end.
            CheckpointTimeout = TimeSpan.FromMilliseconds(context.Attempt > 3 ? 60_000 : topology.CheckpointTimeoutMs),
            CheckpointMinPause = TimeSpan.FromMilliseconds(topology.CheckpointMinPauseMs),
            ConcurrentCheckpointsMax = topology.ConcurrentCheckpoints,
            TolerableCheckpointFailures = 5,
            AlignmentTimeout = topology.AlignmentTimeoutMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            RestartStrategy = topology.RestartsByItself
                ? RestartStrategy.ExponentialDelay(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50), restartsMax: 5) : RestartStrategy.None,
        };
        options.Serializers.Register(Item.Serializer).Register(Outcome.Serializer);
        options.Serializers.Register(SumAggregate.Serializer);
        var job = new StreamJobBuilder("random", options);
        var items = Source(job, "input", topology.Splits);
        items = topology.TwoSources ? items.Union(Source(job, "more-input", topology.MoreSplits)) : items;
        items.Map(static i => new Outcome("raw", i.Key, i.TimeMs, 1, i.Value)).SinkTo("raw", "raw", _sinks[0]);
        var transformed = items.FlatMap<Item>(Transform);
        AddWindows(transformed);
        if (topology.HasTotals)
        {
            transformed.KeyBy(static i => i.Key).Process("totals", "totals", static () => new TotalFunction()).SinkTo("total-sink", "total-sink", _sinks[3]);
        }

        return job.Build();
    }

    private static int HashCode(int seed, int attempt) => unchecked((seed * 31) + attempt);

    private void Transform(Item item, ICollector<Item> output)
    {
        if (RandomTopology.Transform(item, topology.Modulus) is { } transformed)
        {
            output.Collect(transformed);
        }
    }

    private void AddWindows(DataStream<Item> items)
    {
        var late = new OutputTag<Item>("late");
        var keyed = (topology.Rebalances ? Spread(items) : items).KeyBy(static i => i.Key);
        var windows = keyed
            .Window(SlidingWindows.OfEventTime(TimeSpan.FromMilliseconds(topology.SizeMs), TimeSpan.FromMilliseconds(topology.SlideMs), Offset()))
            .SideOutputLateData(late)
            .Aggregate("windows", "windows", topology.Retracts ? new RetractingSum() : new SumAggregate(), static (key, window, sum) => new Outcome("window", key, window.StartMs, sum.Count, sum.Sum));
        windows.SinkTo("window-sink", "window-sink", _sinks[1]);
        windows.SideOutput(late).Map(static i => new Outcome("late", i.Key, i.TimeMs, 1, i.Value)).SinkTo("late-sink", "late-sink", _sinks[2]);
        if (topology.HasSecondWindow)
        {
            windows.KeyBy(static w => w.Key % 3).Window(TumblingWindows.OfEventTime(TimeSpan.FromSeconds(1)))
                .Aggregate("second", "second", new OutcomeAggregate(), static (key, window, sum) => new Outcome("second", key, window.StartMs, sum.Count, sum.Sum))
                .SinkTo("second-sink", "second-sink", _sinks[4]);
        }
    }

    private DataStream<Item> Spread(DataStream<Item> items) => topology.Edge switch
    {
        0 => items.Rebalance().Map(static i => i, "spread"),
        1 => items.Rescale().Map(static i => i, "spread"),
        2 => items.PartitionBy(static (i, targets) => (int)((ulong)i.Value % (ulong)targets)).Map(static i => i, "spread"),
        _ => items.Broadcast().Map(static i => i, "spread").WithParallelism(1),
    };

    private TimeSpan Offset() => TimeSpan.FromMilliseconds(topology.OffsetMs);

    private DataStream<Item> Source(StreamJobBuilder job, string name, Item[][] splits)
    {
        var strategy = WatermarkStrategy.BoundedOutOfOrderness<Item>(TimeSpan.FromMilliseconds(topology.BoundMs), static i => i.TimeMs).WithLatenessBySplit();
        return job.FromSource(
            name,
            name,
            new CollectionSource<Item>([.. splits.Select(static s => new ReadOnlyMemory<Item>(s))]),
            topology.DriftMs is { } drift ? strategy.WithAlignment("all", TimeSpan.FromMilliseconds(drift)) : strategy);
    }
}

/// <summary>Count and sum.</summary>
public readonly record struct CountAndSum(long Count, long Sum);

/// <summary>Adds items up.</summary>
public class SumAggregate : IAggregateFunction<Item, CountAndSum, CountAndSum>
{
    public static IStateSerializer<CountAndSum> Serializer { get; } = StateSerializer.Create(
        "count-and-sum/1",
        static (writer, value) =>
        {
            writer.WriteVarInt64(value.Count);
            writer.WriteVarInt64(value.Sum);
        },
        static (ref StateReader reader) => new CountAndSum(reader.ReadVarInt64(), reader.ReadVarInt64()));

    public CountAndSum CreateAccumulator() => default;

    public void Add(ref CountAndSum accumulator, Item record) => accumulator = new CountAndSum(accumulator.Count + 1, accumulator.Sum + record.Value);

    public void Merge(ref CountAndSum accumulator, in CountAndSum other) => accumulator = new CountAndSum(accumulator.Count + other.Count, accumulator.Sum + other.Sum);

    public CountAndSum GetResult(in CountAndSum accumulator) => accumulator;
}

/// <summary>The same, able to take away: sliding windows then keep a rolling sum.</summary>
public sealed class RetractingSum : SumAggregate, IRetractableAggregate<Item, CountAndSum, CountAndSum>
{
    public void Retract(ref CountAndSum accumulator, in CountAndSum other) => accumulator = new CountAndSum(accumulator.Count - other.Count, accumulator.Sum - other.Sum);
}

/// <summary>Adds results of windows up.</summary>
public sealed class OutcomeAggregate : IAggregateFunction<Outcome, CountAndSum, CountAndSum>
{
    public CountAndSum CreateAccumulator() => default;

    public void Add(ref CountAndSum accumulator, Outcome record) => accumulator = new CountAndSum(accumulator.Count + 1, accumulator.Sum + record.Sum);

    public void Merge(ref CountAndSum accumulator, in CountAndSum other) => accumulator = new CountAndSum(accumulator.Count + other.Count, accumulator.Sum + other.Sum);

    public CountAndSum GetResult(in CountAndSum accumulator) => accumulator;
}

/// <summary>Counts everything of a key, late or not, and gives it out at the end of time.</summary>
public sealed class TotalFunction : KeyedProcessFunction<int, Item, Outcome>
{
    private IAggregatingState<Item, CountAndSum> _total = null!;

    public override void Open(IKeyedStates states) => _total = states.Aggregating("total", new SumAggregate());

    public override void Process(Item record, KeyedContext<int, Outcome> context)
    {
        _total.Add(record);
        context.RegisterEventTimer(EventTime.MaxMs);
    }

    public override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<int, Outcome> context)
    {
        _total.TryGet(out var total);
        _total.Clear();
        context.Collect(new Outcome("total", context.Key, 0, total.Count, total.Sum));
    }
}
