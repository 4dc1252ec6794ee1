using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>What people look at.</summary>
public sealed partial class PostgresOrchestratorStore : IRunHistory
{
    /// <inheritdoc/>
    public IRunHistory History => this;

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagHead>> IRunHistory.ListHeadsAsync(CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT id, hash, registered_at, is_paused, fire_start, fire_end, fire_logical, fire_run_after, fault, fault_at " +
        "FROM dag ORDER BY id COLLATE \"C\"",
        RowReader.Head, null, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagRun>> IRunHistory.ListRecentRunsAsync(
        IReadOnlyList<string> dagIds, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT r.* FROM unnest(@Dags) WITH ORDINALITY AS d (id, place) " +
        "CROSS JOIN LATERAL (SELECT * FROM run WHERE dag_id = d.id ORDER BY id DESC LIMIT @limit) r ORDER BY d.place, r.id DESC",
        RowReader.Run, new { Dags = dagIds.ToArray(), limit }, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DayCount>> IRunHistory.CountByDayAsync(
        string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken) => _database.QueryAsync(
        $"SELECT logical_date / {Micros.Day}, state, count(*) FROM run " +
        "WHERE dag_id = @dagId AND logical_date >= @from AND logical_date < @to GROUP BY 1, 2 ORDER BY 1, 2",
        RowReader.Day, new { dagId, from = Micros.Of(firstDay), to = Micros.Of(lastDay.AddDays(1)) }, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskStateCount>> IRunHistory.CountTaskStatesAsync(
        IReadOnlyList<long> runIds, CancellationToken cancellationToken) => _database.QueryAsync<TaskStateCount>(
        "SELECT run_id AS RunId, task_no AS TaskNumber, state, count(*) FROM task WHERE run_id = ANY (@Runs) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        new { Runs = runIds.ToArray() }, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTasksAsync(TaskQuery query, CancellationToken cancellationToken) =>
        _database.QueryAsync(StoreSql.Tasks(query), RowReader.Task, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTriesAsync(TaskKey key, CancellationToken cancellationToken) => _database.QueryAsync(
        $"SELECT * FROM task_try WHERE run_id = @RunId AND task_no = @TaskNumber AND map_index = @MapIndex ORDER BY try LIMIT {IRunHistory.LimitMax}",
        RowReader.Task, key, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<XComValue>> IRunHistory.ListXComsAsync(long runId, int taskNumber, int? mapIndex, CancellationToken cancellationToken) =>
        _database.QueryAsync(StoreSql.XComs(runId, taskNumber, mapIndex), RowReader.XCom, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagVersionRecord>> IRunHistory.ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT hash, created_at FROM dag_version WHERE dag_id = @dagId AND created_at < @before ORDER BY created_at DESC LIMIT @limit",
        RowReader.Version, new { dagId, before = Micros.Of(before) ?? long.MaxValue, limit }, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Backfill>> IRunHistory.ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken) =>
        _database.QueryAsync(StoreSql.Backfills(dagId, beforeId, limit), RowReader.Backfill, cancellationToken);

    /// <inheritdoc/>
    ValueTask<Backfill?> IRunHistory.FindBackfillAsync(long backfillId, CancellationToken cancellationToken) =>
        _database.FindAsync("SELECT * FROM backfill WHERE id = @backfillId", RowReader.Backfill, new { backfillId }, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<BackfillRun>> IRunHistory.ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT * FROM backfill_run WHERE backfill_id = @backfillId AND ordinal > @after ORDER BY ordinal LIMIT @limit",
        RowReader.BackfillRun, new { backfillId, after = afterOrdinal ?? -1, limit }, cancellationToken);

    /// <inheritdoc/>
    async ValueTask<BackfillProgress> IRunHistory.CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken) =>
        (await _database.QueryAsync<BackfillProgress>(StoreSql.BackfillProgress, new { backfillId }, cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DatasetProgress>> IRunHistory.ListDatasetProgressAsync(CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT * FROM dataset_progress ORDER BY dag_id COLLATE \"C\", dataset COLLATE \"C\"", RowReader.Dataset, null, cancellationToken);
}
