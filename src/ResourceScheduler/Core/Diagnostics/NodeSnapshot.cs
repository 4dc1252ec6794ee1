using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>One node at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Capacity">What it has.</param>
/// <param name="Used">What its containers hold.</param>
/// <param name="Containers">How many run on it.</param>
public sealed record NodeSnapshot(string Name, ResourceVector Capacity, ResourceVector Used, int Containers)
{
    /// <summary>How it stands.</summary>
    public NodeState State { get; init; }

    /// <summary>Label, attributes and rack.</summary>
    public NodeProperties Properties { get; init; } = NodeProperties.None;

    /// <summary>The application it is kept free for, or null.</summary>
    public string? ReservedFor { get; init; }
}
