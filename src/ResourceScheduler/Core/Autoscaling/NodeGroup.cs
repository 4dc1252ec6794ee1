using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>How a node is paid for.</summary>
public enum NodePurchase
{
    /// <summary>It stays until it is given back.</summary>
    OnDemand,

    /// <summary>It costs less and may be taken away at short notice.</summary>
    Spot,
}

/// <summary>Nodes of one shape that a provider can start. Immutable.</summary>
/// <param name="Name">Its unique name, the start of its nodes' names.</param>
/// <param name="Shape">What each node has.</param>
public sealed record NodeGroup(string Name, ResourceVector Shape)
{
    /// <summary>Label, attributes and rack of its nodes.</summary>
    public NodeProperties Properties { get; init; } = NodeProperties.None;

    /// <summary>Nodes that are always there. Default 0.</summary>
    public int NodesMin { get; init; }

    /// <summary>Nodes there may be at most. Default 100.</summary>
    public int NodesMax { get; init; } = 100;

    /// <summary>How its nodes are paid for. Default on demand.</summary>
    public NodePurchase Purchase { get; init; }

    /// <summary>What a node costs for an hour, in any one currency. Default 1.</summary>
    public double PricePerHour { get; init; } = 1;
}
