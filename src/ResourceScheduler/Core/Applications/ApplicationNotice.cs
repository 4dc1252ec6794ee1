using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>What a manager tells an application's master.</summary>
public abstract record ApplicationNotice
{
    private ApplicationNotice()
    {
    }

    /// <summary>A container was placed. One whose ask has <see cref="ContainerAsk.Work"/> is started by its node; any other is the
    /// master's to use and to release.</summary>
    /// <param name="Container">What is known about it.</param>
    /// <param name="AskId">The ask it serves.</param>
    /// <param name="Task">Which of the ask's tasks, from 0.</param>
    public sealed record Allocated(ContainerContext Container, long AskId, int Task) : ApplicationNotice;

    /// <summary>A container is asked to stop: for others' sake, because its node leaves, or because the application ends.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="GraceMs">How long it has; 0 when it is killed at once.</param>
    public sealed record Stopping(long ContainerId, string Reason, long GraceMs) : ApplicationNotice;

    /// <summary>A container ended.</summary>
    /// <param name="ContainerId">The container.</param>
    /// <param name="AskId">The ask it served.</param>
    /// <param name="Task">Which of the ask's tasks.</param>
    /// <param name="Outcome">How it ended.</param>
    public sealed record Ended(long ContainerId, long AskId, int Task, ContainerOutcome Outcome) : ApplicationNotice;

    /// <summary>All tasks of an ask are done.</summary>
    /// <param name="AskId">The ask.</param>
    /// <param name="Failed">Tasks that failed for good.</param>
    public sealed record Completed(long AskId, int Failed) : ApplicationNotice;
}
