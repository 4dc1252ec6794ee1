using System.Text.Json;
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
        var ofDags = dagIds is null ? "$dags = ''" : "dag_id IN (SELECT value FROM json_each($dags))";
        var ofUnfinished = $"WHERE run_id IN (SELECT id FROM run WHERE state < 2 AND {ofDags})";
        var open = $"ended_at IS NULL AND {ofDags}";
        var dags = ("$dags", (object)(dagIds is null ? string.Empty : JsonSerializer.Serialize(dagIds)));
        var runs = Read(connection, $"SELECT * FROM run WHERE state < 2 AND {ofDags} ORDER BY id", RowReader.Run, dags);
        var tasks = Read(connection, $"SELECT * FROM task {ofUnfinished}", RowReader.Task, dags);
        var xcoms = Read(connection, $"SELECT * FROM xcom {ofUnfinished}", RowReader.XCom, dags);
        var datasets = Read(connection, $"SELECT * FROM dataset_progress WHERE {ofDags}", RowReader.Dataset, dags);
        var next = Read(connection, "SELECT coalesce(max(id), 0) + 1 FROM run", row => row.GetInt64(0))[0];
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
            NextBackfillId = Read(connection, "SELECT coalesce(max(id), 0) + 1 FROM backfill", row => row.GetInt64(0))[0],
        });
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default) => Query(
        $"SELECT {RowReader.UpdateColumns} FROM dataset_update WHERE dataset IN (SELECT value FROM json_each($names))",
        RowReader.Update,
        ("$names", JsonSerializer.Serialize(datasets.Select(dataset => dataset.Name))));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default) =>
        Query($"SELECT {RowReader.DagColumns} FROM dag d JOIN dag_version v ON v.hash = d.hash ORDER BY d.id", RowReader.Dag);

    /// <inheritdoc/>
    public ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default) =>
        new(Find("SELECT model FROM dag_version WHERE hash = $hash", row => row.GetString(0), ("$hash", hash)));

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default) =>
        new(Find("SELECT * FROM run WHERE id = $id", RowReader.Run, ("$id", runId)));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(
        IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default) =>
        (await Query(
            "SELECT r.*, v.value FROM json_each($ids) AS v LEFT JOIN run r ON r.id = v.value WHERE r.id IS NULL OR r.state >= 2",
            RowReader.Found,
            ("$ids", JsonSerializer.Serialize(runIds.Distinct()))).ConfigureAwait(false)).ToDictionary();

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default) =>
        new(Find("SELECT * FROM run WHERE dag_id = $dag AND idempotency_key = $key", RowReader.Run, ("$dag", dagId),
            ("$key", idempotencyKey)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (where, parameters) = Filter(query);
        return Query($"SELECT * FROM run WHERE {where} ORDER BY id DESC LIMIT {query.Limit}", RowReader.Run, parameters);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM task WHERE run_id = $run ORDER BY task_no, map_index", RowReader.Task, ("$run", runId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM task_try WHERE run_id = $run ORDER BY task_no, map_index, try", RowReader.Task, ("$run", runId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM xcom WHERE run_id = $run ORDER BY task_no, map_index, name", RowReader.XCom, ("$run", runId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default) =>
        dagId is null
        ? Query("SELECT * FROM backfill ORDER BY id DESC", RowReader.Backfill)
        : Query("SELECT * FROM backfill WHERE dag_id = $dag ORDER BY id DESC", RowReader.Backfill, ("$dag", dagId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default) =>
        Query("SELECT * FROM backfill_run WHERE backfill_id = $id ORDER BY ordinal", RowReader.BackfillRun, ("$id", backfillId));

    private static (string Where, (string, object)[] Parameters) Filter(RunQuery query)
    {
        var where = new List<string> { "1" };
        var parameters = new List<(string, object)>();
        if (query.DagId is { } dagId)
        {
            where.Add("dag_id = $dag");
            parameters.Add(("$dag", dagId));
        }

        if (query.State is { } state)
        {
            where.Add("state = $state");
            parameters.Add(("$state", (long)state));
        }

        if (query.LogicalFrom is { } from)
        {
            where.Add("logical_date >= $from");
            parameters.Add(("$from", Micros.Of(from)));
        }

        if (query.LogicalTo is { } to)
        {
            where.Add("logical_date <= $to");
            parameters.Add(("$to", Micros.Of(to)));
        }

        if (query.BeforeId is { } before)
        {
            where.Add("id < $before");
            parameters.Add(("$before", before));
        }

        return (string.Join(" AND ", where), [.. parameters]);
    }

    private ValueTask<IReadOnlyList<T>> Query<T>(string sql, Func<SqliteDataReader, T> map, params (string, object)[] parameters)
    {
        using var connection = OpenReader();
        return new(Read(connection, sql, map, parameters));
    }

    private T? Find<T>(string sql, Func<SqliteDataReader, T> map, params (string, object)[] parameters)
        where T : class
    {
        using var connection = OpenReader();
        var rows = Read(connection, sql, map, parameters);
        return rows.Count == 0 ? null : rows[0];
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

    private static List<T> Read<T>(
        SqliteConnection connection, string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of this file; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        var rows = new List<T>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }
}
