using System.Data.Common;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Queries.</summary>
public sealed partial class PostgresOrchestratorStore
{
    /// <inheritdoc/>
    public async ValueTask<UnfinishedWork> LoadUnfinishedAsync(
        IReadOnlyCollection<string>? dagIds = null, CancellationToken cancellationToken = default)
    {
        var ofDags = dagIds is null ? "true" : "dag_id = ANY(@Dags)";
        var ofRuns = $"WHERE run_id IN (SELECT id FROM run WHERE state < 2 AND {ofDags})";
        var open = $"ended_at IS NULL AND {ofDags}";
        var runs = await ReadAsync($"SELECT * FROM run WHERE state < 2 AND {ofDags} ORDER BY id", RowReader.Run).ConfigureAwait(false);
        var tasks = await ReadAsync($"SELECT * FROM task {ofRuns}", RowReader.Task).ConfigureAwait(false);
        var xcoms = await ReadAsync($"SELECT * FROM xcom {ofRuns}", RowReader.XCom).ConfigureAwait(false);
        var datasets = await ReadAsync($"SELECT * FROM dataset_progress WHERE {ofDags}", RowReader.Dataset).ConfigureAwait(false);
        var dates = $"SELECT * FROM backfill_run WHERE backfill_id IN (SELECT id FROM backfill WHERE {open}) ORDER BY backfill_id, ordinal";
        return new UnfinishedWork(runs, tasks, xcoms, datasets, await NextAsync("run", cancellationToken).ConfigureAwait(false))
        {
            Dags = await ReadAsync(
                $"SELECT {RowReader.DagColumns} FROM dag d JOIN dag_version v ON v.hash = d.hash WHERE {ofDags.Replace("dag_id", "d.id", StringComparison.Ordinal)}",
                RowReader.Dag).ConfigureAwait(false),
            Backfills = await ReadAsync($"SELECT * FROM backfill WHERE {open} ORDER BY id", RowReader.Backfill).ConfigureAwait(false),
            BackfillRuns = await ReadAsync(dates, RowReader.BackfillRun).ConfigureAwait(false),
            NextBackfillId = await NextAsync("backfill", cancellationToken).ConfigureAwait(false),
        };

        ValueTask<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> map) =>
            _database.QueryAsync(sql, map, new { Dags = dagIds?.ToArray() }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default) => _database.QueryAsync(
        $"SELECT {RowReader.UpdateColumns} FROM dataset_update WHERE dataset = ANY(@names)",
        RowReader.Update,
        new { names = datasets.Select(dataset => dataset.Name).ToArray() },
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default) => _database.QueryAsync(
        $"SELECT {RowReader.DagColumns} FROM dag d JOIN dag_version v ON v.hash = d.hash ORDER BY d.id COLLATE \"C\"", RowReader.Dag,
            null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default) =>
        _database.FindAsync("SELECT model FROM dag_version WHERE hash = @hash", row => row.GetString(0), new { hash }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default) =>
        _database.FindAsync("SELECT * FROM run WHERE id = @runId", RowReader.Run, new { runId }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(
        IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default) =>
        (await _database.QueryAsync(
            "SELECT r.*, v.id FROM unnest(@ids) AS v (id) LEFT JOIN run r ON r.id = v.id WHERE r.id IS NULL OR r.state >= 2",
            RowReader.Found,
            new { ids = runIds.Distinct().ToArray() },
            cancellationToken).ConfigureAwait(false)).ToDictionary();

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default) => _database.FindAsync(
        "SELECT * FROM run WHERE dag_id = @dagId AND idempotency_key = @idempotencyKey", RowReader.Run, new { dagId, idempotencyKey }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _database.QueryAsync(StoreSql.Runs(query), RowReader.Run, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default) =>
        _database.QueryAsync("SELECT * FROM task WHERE run_id = @runId ORDER BY task_no, map_index", RowReader.Task, new { runId }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default) =>
        _database.QueryAsync("SELECT * FROM task_try WHERE run_id = @runId ORDER BY task_no, map_index, try", RowReader.Task, new { runId },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default) =>
        _database.QueryAsync(StoreSql.Backfills(dagId, beforeId: null, int.MaxValue), RowReader.Backfill, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default) =>
        _database.QueryAsync("SELECT * FROM backfill_run WHERE backfill_id = @backfillId ORDER BY ordinal", RowReader.BackfillRun,
            new { backfillId }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default) =>
        _database.QueryAsync(StoreSql.XComs(runId, taskNumber: null, mapIndex: null), RowReader.XCom, cancellationToken);

    private async Task<long> NextAsync(string table, CancellationToken cancellationToken) =>
        (await _database.QueryAsync<long>($"SELECT coalesce(max(id), 0) + 1 FROM {table}", null, cancellationToken).ConfigureAwait(false))[0];
}
