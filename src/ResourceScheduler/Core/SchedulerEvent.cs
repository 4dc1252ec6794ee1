using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <summary>Something that happened, as <see cref="ClusterScheduler.Apply"/> takes it. The events are the whole input of the scheduler: it
/// has no clock and no I/O.</summary>
/// <param name="TimeMs">When, in milliseconds on any clock that does not run backwards.</param>
public abstract partial record SchedulerEvent(long TimeMs)
{
    /// <summary>Time has passed: what waits for a time limit is looked at.</summary>
    /// <param name="TimeMs">When.</param>
    public sealed record Tick(long TimeMs) : SchedulerEvent(TimeMs);

    /// <summary>An application enters a queue.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">A number no other application has had.</param>
    /// <param name="Application">What it is.</param>
    public sealed record ApplicationSubmitted(long TimeMs, long ApplicationId, ApplicationSpecification Application)
        : SchedulerEvent(TimeMs);

    /// <summary>An application's master is up, or reports that it still is.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">The application.</param>
    public sealed record MasterReported(long TimeMs, long ApplicationId) : SchedulerEvent(TimeMs);

    /// <summary>An application asks for containers.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="ApplicationId">The application.</param>
    /// <param name="AskId">A positive number no other ask has had.</param>
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
    /// <param name="State">How it ended: finished, failed or killed.</param>
    public sealed record ApplicationEnded(long TimeMs, long ApplicationId, ApplicationState State = ApplicationState.Finished)
        : SchedulerEvent(TimeMs)
    {
        /// <summary>Who ends it: its owner, or one who may administer a queue of its path; others are refused. Null: its master or the
        /// platform itself.</summary>
        public string? User { get; init; }

        /// <summary>The groups of that user.</summary>
        public IReadOnlyList<string> Groups { get; init; } = [];
    }

    /// <summary>A new queue tree is in force. It must still hold every queue that has applications.</summary>
    /// <param name="TimeMs">When.</param>
    /// <param name="Queues">The tree.</param>
    public sealed record QueuesChanged(long TimeMs, QueueTree Queues) : SchedulerEvent(TimeMs);
}
