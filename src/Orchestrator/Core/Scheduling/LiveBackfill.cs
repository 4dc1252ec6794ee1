using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A backfill that has not ended, in the scheduler's memory.</summary>
internal sealed class LiveBackfill(Backfill record, LiveDag dag, IEnumerable<BackfillRun> runs)
{
    public Backfill Record { get; set; } = record;

    public LiveDag Dag { get; } = dag;

    /// <summary>Dates by ordinal.</summary>
    public BackfillRun[] Runs { get; } = [.. runs.OrderBy(run => run.Ordinal)];

    public int Active => Runs.Count(run => run.State == BackfillRunState.Running);
}
