namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>What entitles a queue to have others' work stopped.</summary>
public enum PreemptionTrigger
{
    /// <summary>Nothing.</summary>
    Never,

    /// <summary>Holding less than its guarantee.</summary>
    MinimumShare,

    /// <summary>Holding less than its fair share.</summary>
    FairShare,

    /// <summary>Capacity scheduling's ideal: guarantees first, the rest lent by priority and guarantee.</summary>
    Capacity,
}

/// <summary>When and how running work is stopped for others. Immutable.</summary>
public sealed record PreemptionOptions
{
    /// <summary>No preemption.</summary>
    public static PreemptionOptions Off { get; } = new() { Trigger = PreemptionTrigger.Never };

    /// <summary>What entitles. Default the fair share.</summary>
    public PreemptionTrigger Trigger { get; init; } = PreemptionTrigger.FairShare;

    /// <summary>When a queue is starved and how often something is done about it.</summary>
    public FairPreemptionRules Fair { get; init; } = new();

    /// <summary>How hard the capacity trigger acts.</summary>
    public CapacityPreemptionRules Capacity { get; init; } = new();

    /// <summary>How long a queue must be starved first, in milliseconds. Default 15,000.</summary>
    public long TimeoutMs { get; init; } = 15_000;

    /// <summary>Between two looks, in milliseconds. Default 3,000, as in YARN.</summary>
    public long IntervalMs { get; init; } = 3_000;

    /// <summary>From asking a container to stop to killing it, in milliseconds. Default 30,000.</summary>
    public long GraceMs { get; init; } = 30_000;

    /// <summary>Claims are worked out and reported, but nothing is stopped. Default no.</summary>
    public bool ObservesOnly { get; init; }

    /// <summary>A container that has run for less is not stopped, in milliseconds. Default 0.</summary>
    public long RunTimeMinMs { get; init; }

    /// <summary>So long an application that was stopped for another cannot have that one stopped in turn, in milliseconds. Default
    /// 600,000.</summary>
    public long EvictionMemoryMs { get; init; } = 600_000;
}
