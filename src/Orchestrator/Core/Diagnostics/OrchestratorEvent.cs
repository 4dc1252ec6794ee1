namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Something that happened to a run or a task.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When, UTC.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run; 0 for events of DAGs.</param>
/// <param name="TaskId">The task; null for events of runs.</param>
/// <param name="MapIndex">The map index; -1 for none.</param>
/// <param name="Try">The try; 0 for events of runs.</param>
/// <param name="Note">Why; null when there is nothing to say.</param>
public sealed record OrchestratorEvent(
    OrchestratorEventKind Kind, DateTimeOffset At, string DagId, long RunId, string? TaskId = null, int MapIndex = -1, int Try = 0,
        string? Note = null)
{
    /// <summary>What people are told of where they do not say: failures, cancellations, missed deadlines and schedules that fail.</summary>
    public static IReadOnlyCollection<OrchestratorEventKind> Alerts { get; } =
        [OrchestratorEventKind.RunFailed, OrchestratorEventKind.RunCancelled, OrchestratorEventKind.DeadlineMissed, OrchestratorEventKind.TaskFailed,
            OrchestratorEventKind.ScheduleFailed];

    /// <inheritdoc/>
    public override string ToString() => RunId == 0
        ? $"{Kind}: {DagId}{(Note is null ? string.Empty : ": " + Note)}"
        : TaskId is null
        ? $"{Kind}: run {RunId} of {DagId}{(Note is null ? string.Empty : ": " + Note)}"
        : $"{Kind}: {TaskId} (try {Try}) in run {RunId} of {DagId}{(Note is null ? string.Empty : ": " + Note)}";
}

/// <summary>What happened.</summary>
public enum OrchestratorEventKind
{
    /// <summary>A run ended well.</summary>
    RunSucceeded,

    /// <summary>A run failed.</summary>
    RunFailed,

    /// <summary>A run was cancelled.</summary>
    RunCancelled,

    /// <summary>A run has not ended by its deadline.</summary>
    DeadlineMissed,

    /// <summary>A task ended well.</summary>
    TaskSucceeded,

    /// <summary>A task failed, retries used up.</summary>
    TaskFailed,

    /// <summary>A task failed and waits for its next try.</summary>
    TaskRetrying,

    /// <summary>A task was skipped.</summary>
    TaskSkipped,

    /// <summary>The timetable of a DAG failed: no runs by the clock until it works again.</summary>
    ScheduleFailed,
}
