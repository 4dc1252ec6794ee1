using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What people look at: pages of lists, counts and matrices, without the scheduler's tables being read whole.</summary>
/// <remarks>Thread-safe. Every list has a limit; a page begins after the key of the last entry of the page before.</remarks>
public interface IRunHistory
{
    /// <summary>The largest page of any list here.</summary>
    const int LimitMax = 1_000;

    /// <summary>All DAGs by name, without their models.</summary>
    ValueTask<IReadOnlyList<DagHead>> ListHeadsAsync(CancellationToken cancellationToken = default);

    /// <summary>The newest runs of some DAGs, by DAG in the order given and newest first.</summary>
    /// <param name="dagIds">The DAGs.</param>
    /// <param name="limit">Runs for each, at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<DagRun>> ListRecentRunsAsync(IReadOnlyList<string> dagIds, int limit, CancellationToken cancellationToken = default);

    /// <summary>Runs of a DAG by day (UTC) of their logical date and state.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="firstDay">The first day.</param>
    /// <param name="lastDay">The last day.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<DayCount>> CountByDayAsync(string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken = default);

    /// <summary>How many instances of each task of some runs are in which state, by run and task number; tasks that have not left
    /// <see cref="TaskState.None"/> are left out.</summary>
    /// <param name="runIds">The runs, <see cref="LimitMax"/> at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<TaskStateCount>> CountTaskStatesAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken = default);

    /// <summary>Task instances of a run that have left <see cref="TaskState.None"/>, a page at a time.</summary>
    ValueTask<IReadOnlyList<TaskInstance>> ListTasksAsync(TaskQuery query, CancellationToken cancellationToken = default);

    /// <summary>Earlier tries of one task instance, the first try first, <see cref="LimitMax"/> at most; the last try is in the instance itself.</summary>
    ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(TaskKey key, CancellationToken cancellationToken = default);

    /// <summary>The values that a task of a run pushed, by map index and name.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskNumber">The task's number in the run's version.</param>
    /// <param name="mapIndex">Only of this instance, -1 for one that is not mapped; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, int taskNumber, int? mapIndex, CancellationToken cancellationToken = default);

    /// <summary>The versions of a DAG, newest first.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="before">Only versions registered earlier; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<DagVersionRecord>> ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Backfills, newest first.</summary>
    /// <param name="dagId">Only of this DAG; null for all.</param>
    /// <param name="beforeId">Only those with a smaller number; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken = default);

    /// <summary>A backfill, or null.</summary>
    ValueTask<Backfill?> FindBackfillAsync(long backfillId, CancellationToken cancellationToken = default);

    /// <summary>Dates of a backfill in their order.</summary>
    /// <param name="backfillId">The backfill.</param>
    /// <param name="afterOrdinal">Only later places in the order; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken = default);

    /// <summary>How far a backfill is: its dates by state and, for those that are done, by how their run ended.</summary>
    ValueTask<BackfillProgress> CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default);

    /// <summary>How far every DAG has consumed its datasets.</summary>
    ValueTask<IReadOnlyList<DatasetProgress>> ListDatasetProgressAsync(CancellationToken cancellationToken = default);
}
