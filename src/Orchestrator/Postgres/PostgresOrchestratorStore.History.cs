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
        RowReader.Head, cancellationToken);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagRun>> IRunHistory.ListRecentRunsAsync(
        IReadOnlyList<string> dagIds, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT r.* FROM unnest(@dags) WITH ORDINALITY AS d (id, place) " +
        "CROSS JOIN LATERAL (SELECT * FROM run WHERE dag_id = d.id ORDER BY id DESC LIMIT @limit) r ORDER BY d.place, r.id DESC",
        RowReader.Run, cancellationToken, ("dags", dagIds.ToArray()), ("limit", limit));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DayCount>> IRunHistory.CountByDayAsync(
        string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken) => _database.QueryAsync(
        $"SELECT logical_date / {DayMicros}, state, count(*) FROM run " +
        "WHERE dag_id = @dag AND logical_date >= @from AND logical_date < @to GROUP BY 1, 2 ORDER BY 1, 2",
        row => new DayCount(DayOf(row.GetInt64(0)), (DagRunState)row.GetInt64(1), (int)row.GetInt64(2)),
        cancellationToken, ("dag", dagId), ("from", StartOf(firstDay)), ("to", StartOf(lastDay.AddDays(1))));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskStateCount>> IRunHistory.CountTaskStatesAsync(
        IReadOnlyList<long> runIds, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT run_id, task_no, state, count(*) FROM task WHERE run_id = ANY (@runs) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        row => new TaskStateCount(row.GetInt64(0), (int)row.GetInt64(1), (TaskState)row.GetInt64(2), (int)row.GetInt64(3)),
        cancellationToken, ("runs", runIds.ToArray()));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTasksAsync(TaskQuery query, CancellationToken cancellationToken)
    {
        var where = new List<string> { "run_id = @run" };
        var parameters = new List<(string, object)> { ("run", query.RunId) };
        Add("task_id = @task", "task", query.TaskId);
        Add("map_index = @map", "map", (long?)query.MapIndex);
        Add("state = @state", "state", (long?)query.State);
        if (query.After is { } after)
        {
            where.Add("(task_no, map_index) > (@no, @index)");
            parameters.AddRange([("no", (long)after.TaskNumber), ("index", (long)after.MapIndex)]);
        }

        return _database.QueryAsync(
            $"SELECT * FROM task WHERE {string.Join(" AND ", where)} ORDER BY task_no, map_index LIMIT {query.Limit}", RowReader.Task,
            cancellationToken, [.. parameters]);

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                where.Add(condition);
                parameters.Add((name, value));
            }
        }
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTriesAsync(TaskKey key, CancellationToken cancellationToken) => _database.QueryAsync(
        $"SELECT * FROM task_try WHERE run_id = @run AND task_no = @no AND map_index = @map ORDER BY try LIMIT {IRunHistory.LimitMax}",
        RowReader.Task, cancellationToken, ("run", key.RunId), ("no", (long)key.TaskNumber), ("map", (long)key.MapIndex));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagVersionRecord>> IRunHistory.ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT hash, created_at FROM dag_version WHERE dag_id = @dag AND created_at < @before ORDER BY created_at DESC LIMIT @limit",
        row => new DagVersionRecord(row.GetString(0), Micros.From(row.GetInt64(1))),
        cancellationToken, ("dag", dagId), ("before", before is { } at ? Micros.Of(at) : long.MaxValue), ("limit", limit));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Backfill>> IRunHistory.ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        $"SELECT * FROM backfill WHERE id < @before{(dagId is null ? string.Empty : " AND dag_id = @dag")} ORDER BY id DESC LIMIT @limit",
        RowReader.Backfill, cancellationToken,
        [("before", beforeId ?? long.MaxValue), ("limit", limit), .. dagId is null ? ((string, object)[])[] : [("dag", dagId)]]);

    /// <inheritdoc/>
    ValueTask<Backfill?> IRunHistory.FindBackfillAsync(long backfillId, CancellationToken cancellationToken) =>
        _database.FindAsync("SELECT * FROM backfill WHERE id = @id", RowReader.Backfill, cancellationToken, ("id", backfillId));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<BackfillRun>> IRunHistory.ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT * FROM backfill_run WHERE backfill_id = @id AND ordinal > @after ORDER BY ordinal LIMIT @limit",
        RowReader.BackfillRun, cancellationToken, ("id", backfillId), ("after", (long)(afterOrdinal ?? -1)), ("limit", limit));

    /// <inheritdoc/>
    async ValueTask<BackfillProgress> IRunHistory.CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken) => (await _database.QueryAsync(
        "SELECT count(*) FILTER (WHERE b.state = 0), count(*) FILTER (WHERE b.state = 1), count(*) FILTER (WHERE b.state = 2 AND r.state = 2), " +
        "count(*) FILTER (WHERE b.state = 2 AND r.state IS DISTINCT FROM 2), count(*) FILTER (WHERE b.state = 3) " +
        "FROM backfill_run b LEFT JOIN run r ON r.id = b.run_id WHERE b.backfill_id = @id",
        row => new BackfillProgress(
            (int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2), (int)row.GetInt64(3), (int)row.GetInt64(4)),
        cancellationToken, ("id", backfillId)).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DatasetProgress>> IRunHistory.ListDatasetProgressAsync(CancellationToken cancellationToken) => _database.QueryAsync(
        "SELECT * FROM dataset_progress ORDER BY dag_id COLLATE \"C\", dataset COLLATE \"C\"", RowReader.Dataset, cancellationToken);

    private const long DayMicros = 86_400_000_000;

    private static DateOnly DayOf(long days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days);

    private static long StartOf(DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * DayMicros;
}
