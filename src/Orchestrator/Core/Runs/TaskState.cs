namespace DataPlatform.Orchestrator.Runs;

/// <summary>Where a task instance is in its life. <see cref="TaskTransitions"/> says which steps are allowed.</summary>
public enum TaskState : byte
{
    /// <summary>Waits for its upstream tasks.</summary>
    None = 0,

    /// <summary>May start; waits for a slot of its pool or a limit.</summary>
    Ready = 1,

    /// <summary>Holds slots and was handed to an executor that has not begun.</summary>
    Queued = 2,

    /// <summary>Its body runs.</summary>
    Running = 3,

    /// <summary>Waits outside the executor for an event.</summary>
    Deferred = 4,

    /// <summary>Failed and waits for its next try.</summary>
    RetryWait = 5,

    /// <summary>A sensor that looked, found nothing and looks again later.</summary>
    RescheduleWait = 6,

    /// <summary>Waits for a person.</summary>
    AwaitingInput = 7,

    /// <summary>Ended well.</summary>
    Success = 8,

    /// <summary>Ended badly, retries used up.</summary>
    Failed = 9,

    /// <summary>Did not run because of a branch, a skip upstream, or its own decision.</summary>
    Skipped = 10,

    /// <summary>Did not run because something before it failed.</summary>
    UpstreamFailed = 11,

    /// <summary>No longer part of its run: the task or its map index went away.</summary>
    Removed = 12,

    /// <summary>Stopped by a person or by the run's time limit.</summary>
    Cancelled = 13,
}
