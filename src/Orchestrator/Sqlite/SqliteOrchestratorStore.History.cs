using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>What people look at.</summary>
public sealed partial class SqliteOrchestratorStore : IRunHistory
{
    /// <inheritdoc/>
    public IRunHistory History => this;

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagHead>> IRunHistory.ListHeadsAsync(CancellationToken cancellationToken) => Query(
        "SELECT id, hash, registered_at, is_paused, fire_start, fire_end, fire_logical, fire_run_after, fault, fault_at FROM dag ORDER BY id", RowReader.Head);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagRun>> IRunHistory.ListRecentRunsAsync(IReadOnlyList<string> dagIds, int limit, CancellationToken cancellationToken)
    {
        using var connection = OpenReader();
        var runs = new List<DagRun>();
        foreach (var dagId in dagIds)
        {
            runs.AddRange(Read(
                connection, "SELECT * FROM run WHERE dag_id = $dag ORDER BY id DESC LIMIT $limit", RowReader.Run, ("$dag", dagId), ("$limit", limit)));
        }

        return new(runs);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DayCount>> IRunHistory.CountByDayAsync(
        string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken) => Query(
        $"SELECT logical_date / {DayMicros}, state, count(*) FROM run INDEXED BY run_calendar " +
        "WHERE dag_id = $dag AND logical_date >= $from AND logical_date < $to GROUP BY 1, 2 ORDER BY 1, 2",
        row => new DayCount(DayOf(row.GetInt64(0)), (DagRunState)row.GetInt32(1), row.GetInt32(2)),
        ("$dag", dagId), ("$from", StartOf(firstDay)), ("$to", StartOf(lastDay.AddDays(1))));

    /// <inheritdoc/>
    /// <remarks>Rows come in the order of the key and are counted as they come: a sort by the database would cost more than all of it.</remarks>
    ValueTask<IReadOnlyList<TaskStateCount>> IRunHistory.CountTaskStatesAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken)
    {
        using var connection = OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT task_no, state FROM task WHERE run_id = $run ORDER BY task_no";
        var run = command.Parameters.Add("$run", SqliteType.Integer);
        var counts = new List<TaskStateCount>();
        foreach (var runId in runIds.Order())
        {
            run.Value = runId;
            using var reader = command.ExecuteReader();
            TaskStates.Count(reader, runId, counts);
        }

        return new(counts);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTasksAsync(TaskQuery query, CancellationToken cancellationToken)
    {
        var where = new List<string> { "run_id = $run" };
        var parameters = new List<(string, object)> { ("$run", query.RunId) };
        Add("task_id = $task", ("$task", query.TaskId));
        Add("map_index = $map", ("$map", query.MapIndex));
        Add("state = $state", ("$state", (long?)query.State));
        if (query.After is { } after)
        {
            where.Add("(task_no, map_index) > ($no, $index)");
            parameters.AddRange([("$no", after.TaskNumber), ("$index", after.MapIndex)]);
        }

        return Query(
            $"SELECT * FROM task WHERE {string.Join(" AND ", where)} ORDER BY task_no, map_index LIMIT {query.Limit}", RowReader.Task, [.. parameters]);

        void Add(string condition, (string Name, object? Value) parameter)
        {
            if (parameter.Value is { } value)
            {
                where.Add(condition);
                parameters.Add((parameter.Name, value));
            }
        }
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTriesAsync(TaskKey key, CancellationToken cancellationToken) => Query(
        $"SELECT * FROM task_try WHERE run_id = $run AND task_no = $no AND map_index = $map ORDER BY try LIMIT {IRunHistory.LimitMax}",
        RowReader.Task, ("$run", key.RunId), ("$no", key.TaskNumber), ("$map", key.MapIndex));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagVersionRecord>> IRunHistory.ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken) => Query(
        "SELECT hash, created_at FROM dag_version WHERE dag_id = $dag AND created_at < $before ORDER BY created_at DESC LIMIT $limit",
        row => new DagVersionRecord(row.GetString(0), Micros.From(row.GetInt64(1))),
        ("$dag", dagId), ("$before", before is { } at ? Micros.Of(at) : long.MaxValue), ("$limit", limit));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Backfill>> IRunHistory.ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken) => Query(
        $"SELECT * FROM backfill WHERE id < $before{(dagId is null ? string.Empty : " AND dag_id = $dag")} ORDER BY id DESC LIMIT $limit",
        RowReader.Backfill,
        [("$before", beforeId ?? long.MaxValue), ("$limit", limit), .. dagId is null ? ((string, object)[])[] : [("$dag", dagId)]]);

    /// <inheritdoc/>
    ValueTask<Backfill?> IRunHistory.FindBackfillAsync(long backfillId, CancellationToken cancellationToken) =>
        new(Find("SELECT * FROM backfill WHERE id = $id", RowReader.Backfill, ("$id", backfillId)));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<BackfillRun>> IRunHistory.ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken) => Query(
        "SELECT * FROM backfill_run WHERE backfill_id = $id AND ordinal > $after ORDER BY ordinal LIMIT $limit",
        RowReader.BackfillRun, ("$id", backfillId), ("$after", afterOrdinal ?? -1), ("$limit", limit));

    /// <inheritdoc/>
    async ValueTask<BackfillProgress> IRunHistory.CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken) => (await Query(
        "SELECT count(*) FILTER (WHERE b.state = 0), count(*) FILTER (WHERE b.state = 1), count(*) FILTER (WHERE b.state = 2 AND r.state = 2), " +
        "count(*) FILTER (WHERE b.state = 2 AND r.state IS NOT 2), count(*) FILTER (WHERE b.state = 3) " +
        "FROM backfill_run b LEFT JOIN run r ON r.id = b.run_id WHERE b.backfill_id = $id",
        row => new BackfillProgress(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4)),
        ("$id", backfillId)).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DatasetProgress>> IRunHistory.ListDatasetProgressAsync(CancellationToken cancellationToken) =>
        Query("SELECT * FROM dataset_progress ORDER BY dag_id, dataset", RowReader.Dataset);

    private const long DayMicros = 86_400_000_000;

    private static DateOnly DayOf(long days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days);

    private static long StartOf(DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * DayMicros;
}
