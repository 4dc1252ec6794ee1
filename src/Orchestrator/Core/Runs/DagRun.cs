using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>One run of a DAG as the store keeps it. Times are UTC.</summary>
public sealed record DagRun
{
    /// <summary>The run's number, unique in its store, growing.</summary>
    public required long Id { get; init; }

    /// <summary>The DAG.</summary>
    public required string DagId { get; init; }

    /// <summary>The content hash of the DAG version this run is pinned to.</summary>
    public required string DagHash { get; init; }

    /// <summary>What started it.</summary>
    public DagRunKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public DagRunState State { get; init; }

    /// <summary>The data it is about.</summary>
    public DataInterval Interval { get; init; }

    /// <summary>Its name in time; unique by DAG for scheduled runs. For a manual run the instant it was asked for.</summary>
    public DateTimeOffset LogicalDate { get; init; }

    /// <summary>The earliest start.</summary>
    public DateTimeOffset RunAfter { get; init; }

    /// <summary>When the store got it.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first task could start; null while queued.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The dataset versions it consumes; empty for other kinds.</summary>
    public IReadOnlyList<DatasetChange> Changes { get; init; } = [];

    /// <summary>What the caller passed, as a JSON object; null for nothing.</summary>
    public string? Conf { get; init; }

    /// <summary>A caller's name for the request; unique by DAG. Null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Why it failed, when that is not in a task; null otherwise.</summary>
    public string? Note { get; init; }

    /// <summary>The newest version of each dataset it consumes.</summary>
    public IReadOnlyList<DatasetVersion> TriggeringVersions => [.. Changes.Select(change => change.Latest)];
}
