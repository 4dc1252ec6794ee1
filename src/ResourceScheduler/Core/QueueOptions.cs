using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <summary>Settings of one queue. Immutable.</summary>
public sealed record QueueOptions
{
    /// <summary>The share among siblings, relative to their weights. Default 1; 0 means the minimum only.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What the queue is guaranteed while it has demand. Default nothing; a parent without one is guaranteed the sum of its
    /// children's.</summary>
    public ResourceVector Min { get; init; }

    /// <summary>What the queue and everything below it may never exceed. Default unbounded; an extra that is not named is not
    /// bounded.</summary>
    public ResourceVector Max { get; init; } = ResourceVector.Unbounded;

    /// <summary>A guarantee as a fraction of what the parent is guaranteed (the root: the cluster), 0 to 1. Default 0; the larger of this
    /// and
    /// <see cref="Min"/> counts.</summary>
    public double Capacity { get; init; }

    /// <summary>A maximum as a fraction of the parent's, 0 to 1. Default 1; the smaller of this and <see cref="Max"/> counts.</summary>
    public double MaxCapacity { get; init; } = 1;

    /// <summary>The order in which children or applications are served. Default dominant resource fairness.</summary>
    public QueuePolicy Policy { get; init; } = QueuePolicy.DominantResourceFairness;

    /// <summary>Higher keeps borrowed resources longer when guarantees are called in. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Whether new work is taken. Default running.</summary>
    public QueueState State { get; init; } = QueueState.Running;

    /// <summary>Applications that may run at once, here and below. Default no bound; more wait.</summary>
    public int RunningApplicationsMax { get; init; } = int.MaxValue;

    /// <summary>Applications that may be here and below, waiting ones included. Default 10,000, as in YARN; more are refused.</summary>
    public int ApplicationsMax { get; init; } = 10_000;

    /// <summary>The fraction of the leaf that application masters may hold. Default 1; one master may always start.</summary>
    public double MasterShareMax { get; init; } = 1;

    /// <summary>The fraction of the leaf each user gets at least while users compete, 0 to 1. Default 1: no limit by fraction.</summary>
    public double UserShareMin { get; init; } = 1;

    /// <summary>How many times the leaf's guarantee one user may hold. Default no bound.</summary>
    public double UserFactorMax { get; init; } = double.PositiveInfinity;

    /// <summary>Whose work may be stopped for others. Default across queues.</summary>
    public PreemptionScope Preemption { get; init; } = PreemptionScope.AcrossQueues;

    /// <summary>Node labels its requests may name; <c>*</c> is any. Default none: a leaf inherits its parent's.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether its containers are packed on few nodes or spread over many. Default packed.</summary>
    public NodeChoice NodeChoice { get; init; } = NodeChoice.Pack;

    /// <summary>Who may submit here and below. Default everybody; a user needs the right on one queue of the path.</summary>
    public AccessList SubmitAccess { get; init; } = AccessList.Everybody;

    /// <summary>Who may stop others' work here and below. Default nobody but its owner.</summary>
    public AccessList AdministerAccess { get; init; } = AccessList.Nobody;

    /// <summary>Whether a leaf below is created when an application names it. Default no.</summary>
    public bool CreatesLeaves { get; init; }

    /// <summary>The settings of leaves created on demand. Default the defaults.</summary>
    public QueueOptions? LeafTemplate { get; init; }
}
