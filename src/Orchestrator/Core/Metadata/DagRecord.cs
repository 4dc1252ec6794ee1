using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A DAG as the store knows it, whether or not a process has it registered now.</summary>
public sealed record DagRecord
{
    /// <summary>The name.</summary>
    public required string Id { get; init; }

    /// <summary>The newest version's content hash.</summary>
    public required string Hash { get; init; }

    /// <summary>The newest version's structure as JSON.</summary>
    public required string Model { get; init; }

    /// <summary>When it was first registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>A paused DAG starts no runs and no tasks.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The last fire of its timetable that became a run; null before the first.</summary>
    public ScheduledFire? LastFire { get; init; }

    /// <summary>Why its timetable gives no fires at present; null when it does.</summary>
    public ScheduleFault? ScheduleFault { get; init; }
}
