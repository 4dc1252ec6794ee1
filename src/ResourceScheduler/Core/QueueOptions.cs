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

    /// <summary>Who may submit here and below. Default null: says nothing. A user needs the right on one queue of the path; where no queue
    /// of the path says anything, everybody has it.</summary>
    public AccessList? SubmitAccess { get; init; }

    /// <summary>Who may stop others' work here and below. Default nobody but its owner.</summary>
    public AccessList AdministerAccess { get; init; } = AccessList.Nobody;

    /// <summary>Whether a leaf below is created when an application names it. Default no.</summary>
    public bool CreatesLeaves { get; init; }

    /// <summary>The settings of leaves created on demand. Default the defaults.</summary>
    public QueueOptions? LeafTemplate { get; init; }

    /// <summary>How many levels below may be made on demand. Default 1: leaves only.</summary>
    public int CreatedLevelsMax { get; init; } = 1;

    /// <summary>How much more than one user of weight 1 a user of the leaf may hold, by name. Default 1 for all.</summary>
    public IReadOnlyDictionary<string, double> UserWeights { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>What the queue has of labelled nodes, by label. Default: its maximum there is its parent's.</summary>
    public IReadOnlyDictionary<string, LabelShare> LabelShares { get; init; } = new Dictionary<string, LabelShare>(StringComparer.Ordinal);

    /// <summary>The label of requests that name none. Default empty: a leaf inherits its parent's; none at all is unlabelled.</summary>
    public string DefaultLabel { get; init; } = "";

    /// <summary>The largest single container. Default unbounded.</summary>
    public ResourceVector ContainerMax { get; init; } = ResourceVector.Unbounded;

    /// <summary>An application is killed so long after it was submitted, in milliseconds. Default 0: no limit.</summary>
    public long LifetimeMaxMs { get; init; }

    /// <summary>How long the queue must be starved before others' work is stopped for it, in milliseconds. Default null: as its parent,
    /// in the end as <see cref="Preemption.PreemptionOptions.TimeoutMs"/>.</summary>
    public long? PreemptionTimeoutMs { get; init; }

    /// <summary>The fraction of its fair share below which the queue is starved. Default null: as its parent, in the end as
    /// <see cref="Preemption.FairPreemptionRules.FairShareThreshold"/>.</summary>
    public double? FairShareThreshold { get; init; }
}
