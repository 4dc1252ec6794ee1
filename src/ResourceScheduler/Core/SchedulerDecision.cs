using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler;

/// <summary>What the scheduler decided in answer to an event, for its surroundings to carry out.</summary>
public abstract record SchedulerDecision
{
    private SchedulerDecision()
    {
    }

    /// <summary>A container is to start.</summary>
    /// <param name="ContainerId">Its number, unique for the life of the scheduler.</param>
    /// <param name="AskId">The ask it serves; 0 for an application's master.</param>
    /// <param name="ApplicationId">The application that asked.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="Resources">What it may use.</param>
    /// <param name="WaitedMs">Milliseconds since the ask, or since the task was put back.</param>
    /// <param name="Task">Which of the ask's tasks it runs, from 0.</param>
    public sealed record ContainerPlaced(long ContainerId, long AskId, long ApplicationId, string Node, ResourceVector Resources,
        long WaitedMs, int Task = 0)
        : SchedulerDecision
    {
        /// <summary>Whether it is a second attempt beside a slow one.</summary>
        public bool IsSpeculative { get; init; }
    }

    /// <summary>A running container is to be stopped; its resources stay taken until it has ended.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="GraceMs">How long it may take to end by itself; 0 is a kill.</param>
    public sealed record ContainerStopRequested(long ContainerId, string Node, string Reason, long GraceMs = 0) : SchedulerDecision;

    /// <summary>A container's node will be taken away: it is to save what it has done and end.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="Node">Where it runs.</param>
    /// <param name="DeadlineMs">When the node is gone.</param>
    public sealed record CheckpointRequested(long ContainerId, string Node, long DeadlineMs) : SchedulerDecision;

    /// <summary>A container is gone with its node; its resources are free.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="AskId">The ask it served.</param>
    /// <param name="Node">The node that went away.</param>
    public sealed record ContainerLost(long ContainerId, long AskId, string Node) : SchedulerDecision;

    /// <summary>An application cannot be taken in.</summary>
    /// <param name="ApplicationId">The application.</param>
    /// <param name="Reason">Why, naming the queue.</param>
    public sealed record ApplicationRefused(long ApplicationId, string Reason) : SchedulerDecision;

    /// <summary>An application entered another part of its life.</summary>
    /// <param name="ApplicationId">The application.</param>
    /// <param name="State">Where it is now.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record ApplicationStateChanged(long ApplicationId, ApplicationState State, string Reason) : SchedulerDecision;

    /// <summary>All tasks of an ask are done.</summary>
    /// <param name="AskId">The ask.</param>
    /// <param name="ApplicationId">The application that asked.</param>
    /// <param name="Failed">Tasks that failed for good.</param>
    public sealed record AskCompleted(long AskId, long ApplicationId, int Failed) : SchedulerDecision;

    /// <summary>An ask can never be served, whatever else ends.</summary>
    /// <param name="AskId">The ask.</param>
    /// <param name="ApplicationId">The application that asked.</param>
    /// <param name="Reason">Why, naming the request and the limit.</param>
    public sealed record AskRefused(long AskId, long ApplicationId, string Reason) : SchedulerDecision;

    /// <summary>A node stands differently.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="State">How it stands now.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record NodeStateChanged(string Node, NodeState State, string Reason) : SchedulerDecision;

    /// <summary>Containers are stopped so that another can start. The stops follow as decisions of their own.</summary>
    /// <param name="Claim">Who, for whom and by which rule.</param>
    public sealed record Preempted(PreemptionClaim Claim) : SchedulerDecision;

    /// <summary>A plan to stop work was dropped because it would have broken a law of preemption. That shows an error in the scheduler;
    /// nothing was stopped.</summary>
    /// <param name="AskId">For whom it was.</param>
    /// <param name="Node">Where.</param>
    /// <param name="Law">What it would have broken.</param>
    public sealed record PreemptionRejected(long AskId, string Node, string Law) : SchedulerDecision;

    /// <summary>An event made no sense in the present state and changed nothing.</summary>
    /// <param name="Reason">Why, naming the node, container or queue.</param>
    public sealed record EventRefused(string Reason) : SchedulerDecision;
}
