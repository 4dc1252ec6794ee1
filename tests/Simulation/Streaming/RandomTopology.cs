using System.Globalization;

namespace DataPlatform.Simulation.Streaming;

/// <summary>A job shape and its input, drawn from a seed. Both the job and the sequential model are read off it.</summary>
public sealed class RandomTopology
{
    public RandomTopology(int seed)
    {
        var random = new Random(seed);
        BoundMs = random.Next(0, 300);
        SlideMs = random.Next(1, 6) * 20;
        SizeMs = random.Next(3) == 0 ? SlideMs * random.Next(2, 5) : SlideMs;
        OffsetMs = random.Next(-15, 16);
        Modulus = random.Next(1, 4);
        Rebalances = random.Next(2) == 0;
        HasTotals = random.Next(2) == 0;
        HasSecondWindow = random.Next(2) == 0;
        TwoSources = random.Next(2) == 0;
        BatchSize = random.Next(1, 24);
        CheckpointIntervalMs = random.Next(1, 40);
        MaxParallelism = random.Next(4, 40);
        AlignmentTimeoutMs = random.Next(3) switch { 0 => null, 1 => 0, _ => random.Next(1, 60) };
        CheckpointTimeoutMs = random.Next(3) == 0 ? random.Next(5, 80) : 60_000;
        CheckpointMinPauseMs = random.Next(3) == 0 ? random.Next(1, 30) : 0;
        ConcurrentCheckpoints = AlignmentTimeoutMs is null ? random.Next(1, 4) : 1;
        RestartsByItself = random.Next(2) == 0;
        DriftMs = random.Next(3) == 0 ? random.Next(1, 200) : null;
        Edge = random.Next(4);
        Splits = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomSplit(random))];
        MoreSplits = TwoSources ? [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => RandomSplit(random))] : [];
    }

    public long BoundMs { get; }

    public long SizeMs { get; }

    public long SlideMs { get; }

    public long OffsetMs { get; }

    /// <summary>Items whose value this divides are doubled, others are kept; those divisible by 7 are dropped.</summary>
    public int Modulus { get; }

    public bool Rebalances { get; }

    /// <summary>Whether a function with state and timers adds up everything of a key.</summary>
    public bool HasTotals { get; }

    /// <summary>Whether the sliding windows' aggregate can take away what goes out.</summary>
    public bool Retracts => HasTotals;

    /// <summary>Whether windows of windows are computed.</summary>
    public bool HasSecondWindow { get; }

    public bool TwoSources { get; }

    public int BatchSize { get; }

    public int CheckpointIntervalMs { get; }

    public int MaxParallelism { get; }

    /// <summary>How far sources may be apart; null for as far as they like.</summary>
    public int? DriftMs { get; }

    /// <summary>How records reach the windows: 0 rebalanced, 1 rescaled, 2 by a partitioner of the job's own, 3 broadcast to one.</summary>
    public int Edge { get; }

    /// <summary>After how long barriers overtake records; null for never.</summary>
    public int? AlignmentTimeoutMs { get; }

    public int CheckpointTimeoutMs { get; }

    public int CheckpointMinPauseMs { get; }

    public int ConcurrentCheckpoints { get; }

    /// <summary>Whether failed attempts are followed by others in the same execution.</summary>
    public bool RestartsByItself { get; }

    public Item[][] Splits { get; }

    public Item[][] MoreSplits { get; }

    public static Item? Transform(Item item, int modulus)
        => item.Value % 7 == 0 ? null : item.Value % modulus == 0 ? item with { Value = item.Value * 2 } : item;

    public override string ToString() => $"Aligned for {AlignmentTimeoutMs?.ToString(CultureInfo.InvariantCulture) ?? "ever"} ms, "
        + $"time-out {CheckpointTimeoutMs} ms, pause {CheckpointMinPauseMs} ms, {ConcurrentCheckpoints} at once, restarts {RestartsByItself}, rebalances {Rebalances} by {Edge}, drift {DriftMs}, two sources {TwoSources}";

    private static Item[] RandomSplit(Random random)
    {
        var count = random.Next(0, 260);
        return [.. Enumerable.Range(0, count).Select(i => new Item(random.Next(12), (i * 5L) - random.Next(250) - 200, random.Next(100)))];
    }
}
