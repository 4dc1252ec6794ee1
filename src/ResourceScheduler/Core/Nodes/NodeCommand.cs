namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>What a manager wants of an agent.</summary>
/// <param name="LeaderEpoch">The epoch of the manager that says so. An agent that has heard of a later one does nothing.</param>
public abstract record NodeCommand(long LeaderEpoch)
{
    /// <summary>A container is to start. One that was started before, or has ended, does not start again.</summary>
    /// <param name="LeaderEpoch">The epoch of the manager.</param>
    /// <param name="Container">What is known about it.</param>
    /// <param name="Work">What it does.</param>
    public sealed record StartContainer(long LeaderEpoch, ContainerContext Container, ContainerWork.Command Work)
        : NodeCommand(LeaderEpoch);

    /// <summary>A container is to stop. One that is not there counts as ended.</summary>
    /// <param name="LeaderEpoch">The epoch of the manager.</param>
    /// <param name="ContainerId">The container.</param>
    /// <param name="GraceMs">From asking it to end to killing it; 0 is a kill.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record StopContainer(long LeaderEpoch, long ContainerId, long GraceMs, string Reason) : NodeCommand(LeaderEpoch);
}
