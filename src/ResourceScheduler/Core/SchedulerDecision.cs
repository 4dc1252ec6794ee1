namespace DataPlatform.ResourceScheduler;

/// <summary>What the scheduler decided in answer to an event, for its surroundings to carry out.</summary>
public abstract record SchedulerDecision
{
    private SchedulerDecision()
    {
    }

    /// <summary>A container is to start.</summary>
    /// <param name="ContainerId">Its number, unique for the life of the scheduler.</param>
    /// <param name="AskId">The ask it serves.</param>
    /// <param name="ApplicationId">The application that asked.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="Resources">What it may use.</param>
    /// <param name="WaitedMs">Milliseconds since the ask.</param>
    public sealed record ContainerPlaced(long ContainerId, long AskId, long ApplicationId, string Node, ResourceVector Resources, long WaitedMs)
        : SchedulerDecision;

    /// <summary>A running container is to be stopped; its resources stay taken until it has ended.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record ContainerStopRequested(long ContainerId, string Node, string Reason) : SchedulerDecision;

    /// <summary>A container is gone with its node; its resources are free.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="AskId">The ask it served.</param>
    /// <param name="Node">The node that went away.</param>
    public sealed record ContainerLost(long ContainerId, long AskId, string Node) : SchedulerDecision;

    /// <summary>An application cannot be taken in.</summary>
    /// <param name="ApplicationId">The application.</param>
    /// <param name="Reason">Why, naming the queue.</param>
    public sealed record ApplicationRefused(long ApplicationId, string Reason) : SchedulerDecision;

    /// <summary>An ask can never be served, whatever else ends.</summary>
    /// <param name="AskId">The ask.</param>
    /// <param name="ApplicationId">The application that asked.</param>
    /// <param name="Reason">Why, naming the request and the limit.</param>
    public sealed record AskRefused(long AskId, long ApplicationId, string Reason) : SchedulerDecision;

    /// <summary>An event made no sense in the present state and changed nothing.</summary>
    /// <param name="Reason">Why, naming the node, container or queue.</param>
    public sealed record EventRefused(string Reason) : SchedulerDecision;
}
