namespace DataPlatform.Orchestrator.Runs;

/// <summary>Why a task instance is not running, by the same functions the scheduler decides with.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="MapIndex">The map index; -1 for none.</param>
/// <param name="State">Where it is.</param>
/// <param name="Cause">What holds it.</param>
/// <param name="Text">A sentence with the numbers.</param>
public sealed record TaskExplanation(string TaskId, int MapIndex, TaskState State, WaitCause Cause, string Text);

/// <summary>What holds a task instance.</summary>
public enum WaitCause
{
    /// <summary>Nothing: it runs.</summary>
    Running,

    /// <summary>Its run has not started, because its DAG is paused or has its runs full.</summary>
    RunNotStarted,

    /// <summary>Its trigger rule waits for upstream tasks.</summary>
    Upstream,

    /// <summary>The same task of the run before.</summary>
    PastRun,

    /// <summary>Its DAG is paused.</summary>
    Paused,

    /// <summary>Its DAG, run or task has its own limit full.</summary>
    Limit,

    /// <summary>Its pool has too few free slots.</summary>
    Pool,

    /// <summary>The executor has it and has not begun.</summary>
    Executor,

    /// <summary>A retry or the next look of a sensor is not due yet.</summary>
    Timer,

    /// <summary>What a deferred sensor waits for has not come.</summary>
    Event,

    /// <summary>The engine is stopping.</summary>
    Stopping,
}
