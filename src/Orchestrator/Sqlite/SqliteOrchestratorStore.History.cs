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
                connection, "SELECT * FROM run WHERE dag_id = @dagId ORDER BY id DESC LIMIT @limit", RowReader.Run, new { dagId, limit }));
        }

        return new(runs);
    }

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DayCount>> IRunHistory.CountByDayAsync(
        string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken) => Query(
        $"SELECT logical_date / {Micros.Day}, state, count(*) FROM run INDEXED BY run_calendar " +
        "WHERE dag_id = @dagId AND logical_date >= @from AND logical_date < @to GROUP BY 1, 2 ORDER BY 1, 2",
        RowReader.Day, new { dagId, from = Micros.Of(firstDay), to = Micros.Of(lastDay.AddDays(1)) });

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
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTasksAsync(TaskQuery query, CancellationToken cancellationToken) =>
        Query(StoreSql.Tasks(query), RowReader.Task);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTriesAsync(TaskKey key, CancellationToken cancellationToken) => Query(
        $"SELECT * FROM task_try WHERE run_id = @RunId AND task_no = @TaskNumber AND map_index = @MapIndex ORDER BY try LIMIT {IRunHistory.LimitMax}",
        RowReader.Task, key);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<XComValue>> IRunHistory.ListXComsAsync(long runId, int taskNumber, int? mapIndex, CancellationToken cancellationToken) =>
        Query(StoreSql.XComs(runId, taskNumber, mapIndex), RowReader.XCom);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagVersionRecord>> IRunHistory.ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken) => Query(
        "SELECT hash, created_at FROM dag_version WHERE dag_id = @dagId AND created_at < @before ORDER BY created_at DESC LIMIT @limit",
        RowReader.Version, new { dagId, before = Micros.Of(before) ?? long.MaxValue, limit });

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Backfill>> IRunHistory.ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken) =>
        Query(StoreSql.Backfills(dagId, beforeId, limit), RowReader.Backfill);

    /// <inheritdoc/>
    ValueTask<Backfill?> IRunHistory.FindBackfillAsync(long backfillId, CancellationToken cancellationToken) =>
        new(Find("SELECT * FROM backfill WHERE id = @backfillId", RowReader.Backfill, new { backfillId }));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<BackfillRun>> IRunHistory.ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken) => Query(
        "SELECT * FROM backfill_run WHERE backfill_id = @backfillId AND ordinal > @after ORDER BY ordinal LIMIT @limit",
        RowReader.BackfillRun, new { backfillId, after = afterOrdinal ?? -1, limit });

    /// <inheritdoc/>
    async ValueTask<BackfillProgress> IRunHistory.CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken) =>
        (await Query<BackfillProgress>(StoreSql.BackfillProgress, new { backfillId }).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DatasetProgress>> IRunHistory.ListDatasetProgressAsync(CancellationToken cancellationToken) =>
        Query("SELECT * FROM dataset_progress ORDER BY dag_id, dataset", RowReader.Dataset);
}
