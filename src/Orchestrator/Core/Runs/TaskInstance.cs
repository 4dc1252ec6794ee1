namespace DataPlatform.Orchestrator.Runs;

/// <summary>One task of one run as the store keeps it. Times are UTC. A task without a row is in <see cref="TaskState.None"/>.</summary>
public sealed record TaskInstance
{
    /// <summary>Run, task and map index.</summary>
    public required TaskKey Key { get; init; }

    /// <summary>The task's name.</summary>
    public required string TaskId { get; init; }

    /// <summary>Where it is.</summary>
    public TaskState State { get; init; }

    /// <summary>Starts so far; it never goes back, also when the task is cleared. The current or last try's number.</summary>
    public int Try { get; init; }

    /// <summary>Grows with each start. Sinks compare it to reject a try that lost its right to write.</summary>
    public long Epoch { get; init; }

    /// <summary>Failures of the body since the task was last cleared; retries are counted by it.</summary>
    public int Failures { get; init; }

    /// <summary>Tries cut by a crash, a lost container or a shutdown since the task was last cleared; counted apart.</summary>
    public int InfrastructureFailures { get; init; }

    /// <summary>When it could have started.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When it was handed to an executor.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When the body began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the try ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the body first began since the task was last cleared: what a sensor's time limit counts from.</summary>
    public DateTimeOffset? FirstStartedAt { get; init; }

    /// <summary>When a waiting task is looked at again.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>The pool whose slots it takes.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>How many of them it takes while queued and running.</summary>
    public int PoolSlots { get; init; } = 1;

    /// <summary>The executor of the current or last try; null before the first.</summary>
    public string? Executor { get; init; }

    /// <summary>Why the current or last try ended as it did; null when there is nothing to say.</summary>
    public string? Note { get; init; }
}
