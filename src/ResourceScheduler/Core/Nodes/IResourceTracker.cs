namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>A manager as the agents of nodes see it.</summary>
public interface IResourceTracker
{
    /// <summary>Takes a node in, or takes it in again with what it still runs.</summary>
    /// <param name="registration">What it is and runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it is to do from now on; sessions of the node before this one are over.</returns>
    /// <exception cref="SchedulerException">Conflict: a newer agent has registered the node. Unavailable: the manager does not
    /// lead.</exception>
    ValueTask<NodeSession> RegisterNodeAsync(NodeRegistration registration, CancellationToken cancellationToken = default);

    /// <summary>Takes a heartbeat. What it says is durable when this completes, so the agent can forget the ends in it.</summary>
    /// <param name="heartbeat">What changed.</param>
    /// <param name="cancellationToken">Gives up; the agent then says it again.</param>
    /// <exception cref="SchedulerException">Conflict: the node has to register again, as it was given up, has a newer agent, or the manager
    /// is new. Unavailable: the manager does not lead.</exception>
    ValueTask ReportNodeAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default);
}
