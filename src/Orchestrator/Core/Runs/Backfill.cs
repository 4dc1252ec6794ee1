using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>What to run again, or for the first time, over a range of logical dates.</summary>
public sealed record BackfillRequest
{
    /// <summary>The first logical date.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The last logical date.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Runs at once, apart from the DAG's own limit; 1 by default.</summary>
    public int MaxActiveRuns { get; init; } = 1;

    /// <summary>True: the latest date first. Refused where tasks depend on the run before.</summary>
    public bool IsReverse { get; init; }

    /// <summary>What happens to dates that have a run.</summary>
    public ReprocessMode Reprocess { get; init; }

    /// <summary>True: only say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>What its tasks read with <see cref="Execution.TaskContext.Conf{T}"/>; as JSON. Null for nothing.</summary>
    public string? Conf { get; init; }
}

/// <summary>What a backfill does with a date that has a run. A run that has not ended is never touched.</summary>
public enum ReprocessMode
{
    /// <summary>Leaves it.</summary>
    None,

    /// <summary>Clears it when it failed or was cancelled.</summary>
    Failed,

    /// <summary>Clears it however it ended.</summary>
    Completed,
}

/// <summary>A backfill as the store keeps it.</summary>
public sealed record Backfill
{
    /// <summary>Its number, growing.</summary>
    public required long Id { get; init; }

    /// <summary>The DAG.</summary>
    public required string DagId { get; init; }

    /// <summary>What was asked for.</summary>
    public required BackfillRequest Request { get; init; }

    /// <summary>Where it is.</summary>
    public BackfillState State { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Where a backfill is.</summary>
public enum BackfillState : byte
{
    /// <summary>Runs are started.</summary>
    Running = 0,

    /// <summary>No further runs are started.</summary>
    Paused = 1,

    /// <summary>Every date is done.</summary>
    Completed = 2,

    /// <summary>Stopped by a person; runs it had started went on or were cancelled.</summary>
    Cancelled = 3,
}

/// <summary>One date of a backfill. Its ordinal is fixed when the backfill is made.</summary>
/// <param name="BackfillId">The backfill; 0 in a dry run.</param>
/// <param name="Ordinal">Its place in the order, from 0.</param>
/// <param name="Fire">The date.</param>
/// <param name="State">Where it is.</param>
/// <param name="RunId">The run that does it; null while there is none.</param>
/// <param name="Note">Why it is left out; null otherwise.</param>
public sealed record BackfillRun(long BackfillId, int Ordinal, ScheduledFire Fire, BackfillRunState State, long? RunId, string? Note);

/// <summary>Where one date of a backfill is.</summary>
public enum BackfillRunState : byte
{
    /// <summary>Waits for its turn.</summary>
    Pending = 0,

    /// <summary>Its run goes.</summary>
    Running = 1,

    /// <summary>Its run has ended, however.</summary>
    Done = 2,

    /// <summary>Left out: the date has a run that is not to be touched.</summary>
    Skipped = 3,
}
