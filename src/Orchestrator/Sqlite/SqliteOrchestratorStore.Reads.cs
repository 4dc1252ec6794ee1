using System.Data.Common;
using System.Text.Json;
using Dapper;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Queries, each on a pooled connection of its own.</summary>
public sealed partial class SqliteOrchestratorStore
{
    /// <inheritdoc/>
    public ValueTask<UnfinishedWork> LoadUnfinishedAsync(
        IReadOnlyCollection<string>? dagIds = null, CancellationToken cancellationToken = default)
    {
        using var connection = OpenReader();
        using var transaction = connection.BeginTransaction(deferred: true);
        var ofDags = dagIds is null ? "true" : "dag_id IN (SELECT value FROM json_each(@Dags))";
        var ofUnfinished = $"WHERE run_id IN (SELECT id FROM run WHERE state < 2 AND {ofDags})";
        var open = $"ended_at IS NULL AND {ofDags}";
        var dags = new { Dags = dagIds is null ? null : JsonSerializer.Serialize(dagIds) };
        var runs = Read(connection, $"SELECT * FROM run WHERE state < 2 AND {ofDags} ORDER BY id", RowReader.Run, dags);
        var tasks = Read(connection, $"SELECT * FROM task {ofUnfinished}", RowReader.Task, dags);
        var xcoms = Read(connection, $"SELECT * FROM xcom {ofUnfinished}", RowReader.XCom, dags);
        var datasets = Read(connection, $"SELECT * FROM dataset_progress WHERE {ofDags}", RowReader.Dataset, dags);
        var next = connection.ExecuteScalar<long>("SELECT coalesce(max(id), 0) + 1 FROM run");
        return new(new UnfinishedWork(runs, tasks, xcoms, datasets, next)
        {
            Dags = Read(
                connection,
                $"SELECT {RowReader.DagColumns} FROM dag d JOIN dag_version v ON v.hash = d.hash WHERE {ofDags.Replace("dag_id", "d.id", StringComparison.Ordinal)}",
                RowReader.Dag,
                dags),
            Backfills = Read(connection, $"SELECT * FROM backfill WHERE {open} ORDER BY id", RowReader.Backfill, dags),
            BackfillRuns = Read(
                connection,
                $"SELECT * FROM backfill_run WHERE backfill_id IN (SELECT id FROM backfill WHERE {open}) ORDER BY backfill_id, ordinal",
                RowReader.BackfillRun,
                dags),
            NextBackfillId = connection.ExecuteScalar<long>("SELECT coalesce(max(id), 0) + 1 FROM backfill"),
        });
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default) => Query(
        $"SELECT {RowReader.UpdateColumns} FROM dataset_update WHERE dataset IN (SELECT value FROM json_each(@names))",
        RowReader.Update,
        new { names = JsonSerializer.Serialize(datasets.Select(dataset => dataset.Name)) });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default) =>
        Query($"SELECT {RowReader.DagColumns} FROM dag d JOIN dag_version v ON v.hash = d.hash ORDER BY d.id", RowReader.Dag);

    /// <inheritdoc/>
    public ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default) =>
        new(Find("SELECT model FROM dag_version WHERE hash = @hash", row => row.GetString(0), new { hash }));

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default) =>
        new(Find("SELECT * FROM run WHERE id = @runId", RowReader.Run, new { runId }));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(
        IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default) =>
        (await Query(
            "SELECT r.*, v.value FROM json_each(@ids) AS v LEFT JOIN run r ON r.id = v.value WHERE r.id IS NULL OR r.state >= 2",
            RowReader.Found,
            new { ids = JsonSerializer.Serialize(runIds.Distinct()) }).ConfigureAwait(false)).ToDictionary();

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default) =>
        new(Find("SELECT * FROM run WHERE dag_id = @dagId AND idempotency_key = @idempotencyKey", RowReader.Run, new { dagId, idempotencyKey }));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Query(StoreSql.Runs(query), RowReader.Run);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM task WHERE run_id = @runId ORDER BY task_no, map_index", RowReader.Task, new { runId });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM task_try WHERE run_id = @runId ORDER BY task_no, map_index, try", RowReader.Task, new { runId });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default) =>
        Query(StoreSql.XComs(runId, taskNumber: null, mapIndex: null), RowReader.XCom);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default) =>
        Query(StoreSql.Backfills(dagId, beforeId: null, int.MaxValue), RowReader.Backfill);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM backfill_run WHERE backfill_id = @backfillId ORDER BY ordinal", RowReader.BackfillRun, new { backfillId });

    private ValueTask<IReadOnlyList<T>> Query<T>(string sql, Func<DbDataReader, T> map, object? parameters = null)
    {
        using var connection = OpenReader();
        return new(Read(connection, sql, map, parameters));
    }

    private ValueTask<IReadOnlyList<T>> Query<T>((string Sql, object Parameters) list, Func<DbDataReader, T> map) => Query(list.Sql, map, list.Parameters);

    /// <summary>Rows whose columns have the names of a record's properties.</summary>
    private ValueTask<IReadOnlyList<T>> Query<T>(string sql, object? parameters = null)
    {
        using var connection = OpenReader();
        return new(connection.Query<T>(sql, parameters).AsList());
    }

    private T? Find<T>(string sql, Func<DbDataReader, T> map, object parameters)
        where T : class
    {
        using var connection = OpenReader();
        return Read(connection, sql, map, parameters).FirstOrDefault();
    }

    private SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(_readerConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Unreadable(_path, exception);
        }
    }

    private static List<T> Read<T>(SqliteConnection connection, string sql, Func<DbDataReader, T> map, object? parameters = null)
    {
        using var reader = (DbDataReader)connection.ExecuteReader(sql, parameters);
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }
}
