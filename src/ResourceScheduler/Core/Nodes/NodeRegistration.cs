namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>What an agent says of its node when it comes, and whenever it is told to say it again.</summary>
/// <param name="Name">The node's unique name.</param>
/// <param name="Capacity">All it has for containers.</param>
/// <param name="Epoch">Grows with each start of the agent, so that an older one of the same node is refused.</param>
/// <param name="Running">The containers it runs, and those whose end it has not yet reported.</param>
public sealed record NodeRegistration(string Name, ResourceVector Capacity, long Epoch, IReadOnlyList<long> Running)
{
    /// <summary>Label, attributes and rack.</summary>
    public NodeProperties Properties { get; init; } = NodeProperties.None;
}
