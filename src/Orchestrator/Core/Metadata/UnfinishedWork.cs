using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a scheduler finds when it starts.</summary>
/// <param name="Runs">Runs that have not ended, by number.</param>
/// <param name="Tasks">Their task instances.</param>
/// <param name="XComs">Their values.</param>
/// <param name="Datasets">How far DAGs consumed datasets.</param>
/// <param name="NextRunId">A number larger than that of every run.</param>
public sealed record UnfinishedWork(
    IReadOnlyList<DagRun> Runs,
    IReadOnlyList<TaskInstance> Tasks,
    IReadOnlyList<XComValue> XComs,
    IReadOnlyList<DatasetProgress> Datasets,
    long NextRunId)
{
    /// <summary>The DAGs themselves, perhaps among others.</summary>
    public IReadOnlyList<DagRecord> Dags { get; init; } = [];

    /// <summary>Backfills that have not ended.</summary>
    public IReadOnlyList<Backfill> Backfills { get; init; } = [];

    /// <summary>Their dates, perhaps among others.</summary>
    public IReadOnlyList<BackfillRun> BackfillRuns { get; init; } = [];

    /// <summary>A number larger than that of every backfill.</summary>
    public long NextBackfillId { get; init; } = 1;
}
