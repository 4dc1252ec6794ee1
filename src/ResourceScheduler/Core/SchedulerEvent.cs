using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <summary>Something that happened, as <see cref="ClusterScheduler.Apply"/> takes it. The events are the whole input of the scheduler: it has no clock and no I/O.</summary>
/// <param name="TimeMs">When, in milliseconds on any clock that does not run backwards.</param>
public abstract record SchedulerEvent(long TimeMs)
{
    /// <summary>A node offers its resources. A known node that registers again keeps its containers and takes the new capacity.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its unique name.</param>
    /// <param name="Capacity">All it has for containers.</param>
    public sealed record NodeRegistered(long TimeMs, string Node, ResourceVector Capacity) : SchedulerEvent(TimeMs);

    /// <summary>A node is gone; its containers are lost.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Node">Its name.</param>
    public sealed record NodeRemoved(long TimeMs, string Node) : SchedulerEvent(TimeMs);

    /// <summary>An application enters a queue.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">A number no other application has had.</param>
    /// <param name="Application">What it is.</param>
    public sealed record ApplicationSubmitted(long TimeMs, long ApplicationId, ApplicationSpecification Application) : SchedulerEvent(TimeMs);

    /// <summary>An application asks for containers.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">The application.</param>
    /// <param name="AskId">A number no other ask has had.</param>
    /// <param name="Ask">What it asks for.</param>
    public sealed record ContainersAsked(long TimeMs, long ApplicationId, long AskId, ContainerAsk Ask) : SchedulerEvent(TimeMs);

    /// <summary>What is still pending of an ask is no longer wanted. Its running containers stay.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="AskId">The ask.</param>
    public sealed record AskCancelled(long TimeMs, long AskId) : SchedulerEvent(TimeMs);

    /// <summary>A container ended and its resources are free.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ContainerId">The container.</param>
    /// <param name="Outcome">How it ended.</param>
    public sealed record ContainerEnded(long TimeMs, long ContainerId, ContainerOutcome Outcome) : SchedulerEvent(TimeMs);

    /// <summary>An application is over: its asks are dropped and its running containers are to be stopped.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">The application.</param>
    public sealed record ApplicationEnded(long TimeMs, long ApplicationId) : SchedulerEvent(TimeMs);

    /// <summary>A new queue tree is in force. It must still hold every queue that has applications.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Queues">The tree.</param>
    public sealed record QueuesChanged(long TimeMs, QueueTree Queues) : SchedulerEvent(TimeMs);
}
