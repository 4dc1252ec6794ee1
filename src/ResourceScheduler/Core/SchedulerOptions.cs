using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler;

/// <summary>Settings of a scheduler. Immutable. Times are milliseconds of the events' clock; they are looked at on
/// <see cref="SchedulerEvent.Tick"/>.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Requests a <see cref="ResourceManager"/> holds unread before a caller is turned away. Default 16,384.</summary>
    public int CommandsMax { get; init; } = 16_384;

    /// <summary>Requests a <see cref="ResourceManager"/> makes durable at once. Default 4,096.</summary>
    public int CommandBatchMax { get; init; } = 4_096;

    /// <summary>A <see cref="ResourceManager"/> with a store saves its whole state after so many events. Default 500,000.</summary>
    public long SaveAfterEvents { get; init; } = 500_000;

    /// <summary>How long a container that its application gives back has to end by itself. Default 30,000.</summary>
    public long ReleaseGraceMs { get; init; } = 30_000;

    /// <summary>How often a <see cref="ResourceManager"/> lets the scheduler look at time limits. Default 1,000.</summary>
    public int TickMs { get; init; } = 1_000;

    /// <summary>A node that has not reported for so long gets no more containers. Default 9,000: three heartbeats. Zero: nodes need not
    /// report.</summary>
    public long NodeSuspectAfterMs { get; init; }

    /// <summary>A node that has not reported for so long is lost. Default 30,000; counts only where <see cref="NodeSuspectAfterMs"/> is
    /// set.</summary>
    public long NodeLostAfterMs { get; init; } = 30_000;

    /// <summary>A request waits so long before a node is kept free for it. Default 10,000.</summary>
    public long ReserveAfterMs { get; init; } = 10_000;

    /// <summary>The fraction of the nodes that may be kept free for waiting requests. Default 0.1; at least one node.</summary>
    public double ReservedNodesMax { get; init; } = 0.1;

    /// <summary>An application's containers fail so often on one node before it avoids that node. Default 3.</summary>
    public int FailuresPerNodeMax { get; init; } = 3;

    /// <summary>An application master that has not reported for so long has failed. Default 0: masters need not report.</summary>
    public long MasterLostAfterMs { get; init; }

    /// <summary>When and how running work is stopped for others. Default never.</summary>
    public PreemptionOptions Preemption { get; init; } = PreemptionOptions.Off;
}
