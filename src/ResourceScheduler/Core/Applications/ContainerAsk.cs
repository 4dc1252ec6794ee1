using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>A number of equal containers an application asks for: the tasks of one stage.</summary>
/// <param name="Resources">What each container needs.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record ContainerAsk(ResourceVector Resources, int Count = 1)
{
    /// <summary>Higher is served first among the asks of one application, and stopped last. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>The node label it needs; empty for unlabelled nodes and shareable labelled ones.</summary>
    public string NodeLabel { get; init; } = "";

    /// <summary>Attributes the node must have; all must hold.</summary>
    public IReadOnlyList<AttributeRule> Attributes { get; init; } = [];

    /// <summary>Nodes that hold its data, by name.</summary>
    public IReadOnlyList<string> PreferredNodes { get; init; } = [];

    /// <summary>Racks that hold its data.</summary>
    public IReadOnlyList<string> PreferredRacks { get; init; } = [];

    /// <summary>How long it waits for a preferred node, and then again for a preferred rack, before it takes any. Default 3,000
    /// ms.</summary>
    public long LocalityDelayMs { get; init; } = 3_000;

    /// <summary>Whether it never takes a node that is not preferred.</summary>
    public bool IsStrictlyLocal { get; init; }

    /// <summary>How many containers of the application one node may hold; 0 for no bound. 1 keeps them apart.</summary>
    public int PerNodeMax { get; init; }

    /// <summary>Only nodes that run a container of an application with this tag.</summary>
    public string? NearTag { get; init; }

    /// <summary>Only nodes that run no container of an application with this tag.</summary>
    public string? AwayFromTag { get; init; }

    /// <summary>Whether all start together or none does.</summary>
    public bool IsGang { get; init; }

    /// <summary>A gang that has not started by then is refused, in milliseconds from the ask; 0 for no limit.</summary>
    public long GangTimeLimitMs { get; init; }

    /// <summary>How long a container is expected to run, in milliseconds; 0 when unknown. Lets it use the time before a reserved
    /// start.</summary>
    public long ExpectedRunMs { get; init; }

    /// <summary>How often a failed task is tried again. Default 0.</summary>
    public int RetriesMax { get; init; }

    /// <summary>Whether tasks that were stopped for others or lost with their node are asked again without counting as a retry. Default
    /// no.</summary>
    public bool IsRequeued { get; init; }

    /// <summary>Whether slow tasks get a second attempt.</summary>
    public Speculation? Speculation { get; init; }

    /// <summary>Asks of the same application that must be done first.</summary>
    public IReadOnlyList<long> DependsOn { get; init; } = [];

    /// <summary>Packs or spreads its containers; the queue's choice when absent.</summary>
    public NodeChoice? NodeChoice { get; init; }

    /// <summary>What a container does, where the nodes' agents start it; null where whoever asked runs its work in the granted
    /// container.</summary>
    public ContainerWork.Command? Work { get; init; }

    internal bool HasPreference => PreferredNodes.Count > 0 || PreferredRacks.Count > 0;

    /// <summary>Whether a node's answer depends on which application asks.</summary>
    internal bool IsPersonal => HasPreference || IsGang || PerNodeMax > 0 || NearTag is not null || AwayFromTag is not null;
}
