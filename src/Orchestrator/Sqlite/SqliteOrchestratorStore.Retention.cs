using System.Text.Json;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Pools set by hand, and what has been kept long enough.</summary>
public sealed partial class SqliteOrchestratorStore : IStoreRetention
{
    /// <summary>Tables whose rows belong to a run, with their keys.</summary>
    private static readonly (string Table, string Key)[] OfARun =
        [("task", "run_id, task_no, map_index"), ("task_try", "run_id, task_no, map_index, try"), ("xcom", "run_id, task_no, map_index, name")];

    /// <summary>Tasks that hold slots are found by the runs that have not ended: there are few of those, and many tasks.</summary>
    private const string Holding = "run CROSS JOIN task ON run_id = id WHERE run.state < 2 AND task.state IN (2, 3)";

    /// <inheritdoc/>
    public IStoreRetention Retention => this;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default) => Query(
        $"SELECT name, slots, (SELECT coalesce(sum(pool_slots), 0) FROM {Holding} AND pool = name) FROM pool ORDER BY name",
        row => new PoolRecord(row.GetString(0), (int)row.GetInt64(1), (int)row.GetInt64(2), true));

    /// <inheritdoc/>
    public async ValueTask SetPoolAsync(string name, int slots, CancellationToken cancellationToken = default) => await Writer.WriteAsync(
        (connection, transaction) => Run(
            connection, transaction, "INSERT INTO pool VALUES ($0, $1) ON CONFLICT (name) DO UPDATE SET slots = $1", name, (long)slots),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default) => await Writer.WriteAsync(
        (connection, transaction) => Run(
            connection, transaction, $"DELETE FROM pool WHERE name = $0 AND NOT EXISTS (SELECT 1 FROM {Holding} AND pool = $0)", name),
        cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListExpiredRunsAsync(
        DateTimeOffset endedBefore, int keptByDag, int limit, CancellationToken cancellationToken) => Query(
        "SELECT id, dag_id FROM run r WHERE state >= 2 AND ended_at < $before AND id < coalesce(" +
        "(SELECT id FROM run k WHERE k.dag_id = r.dag_id ORDER BY id DESC LIMIT 1 OFFSET $kept), 0) + 1 ORDER BY ended_at LIMIT $limit",
        row => new ExpiredRun(row.GetInt64(0), row.GetString(1)),
        ("$before", Micros.Of(endedBefore)), ("$kept", keptByDag), ("$limit", limit));

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                var ids = JsonSerializer.Serialize(runIds);
                const string Going = "state >= 2 AND id IN (SELECT value FROM json_each($0))";
                Run(connection, transaction, $"INSERT OR IGNORE INTO removed_run SELECT id, dag_id FROM run WHERE {Going}", ids);
                return Run(connection, transaction, $"DELETE FROM run WHERE {Going}", ids);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListRemovedRunsAsync(long afterId, int limit, CancellationToken cancellationToken) => Query(
        "SELECT id, dag_id FROM removed_run r WHERE id > $after AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = r.id) ORDER BY id LIMIT $limit",
        row => new ExpiredRun(row.GetInt64(0), row.GetString(1)),
        ("$after", afterId), ("$limit", limit));

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRestsAsync(IReadOnlyList<long> runIds, int limit, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                var ids = JsonSerializer.Serialize(runIds);
                const string Gone = "run_id IN (SELECT value FROM json_each($0) WHERE value NOT IN (SELECT id FROM run WHERE id = value))";
                return OfARun.Sum(of => Run(
                    connection,
                    transaction,
                    $"DELETE FROM {of.Table} WHERE ({of.Key}) IN (SELECT {of.Key} FROM {of.Table} WHERE {Gone} LIMIT $1)",
                    ids,
                    (long)limit));
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask IStoreRetention.ForgetRemovedRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) => Run(
                connection, transaction, "DELETE FROM removed_run WHERE id IN (SELECT value FROM json_each($0))", JsonSerializer.Serialize(runIds)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                const string Backfills = "(SELECT id FROM backfill WHERE ended_at < $0 ORDER BY id LIMIT $1)";
                var before = Micros.Of(cut.Backfills);
                Run(connection, transaction, $"DELETE FROM backfill_run WHERE backfill_id IN {Backfills}", before, (long)limit);
                return Run(connection, transaction, $"DELETE FROM backfill WHERE id IN {Backfills}", before, (long)limit) +
                    Run(
                        connection,
                        transaction,
                        "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE is_answered = 1 AND created_at < $0 LIMIT $1)",
                        Micros.Of(cut.Commands),
                        (long)limit) +
                    Run(
                        connection,
                        transaction,
                        "DELETE FROM dataset_update WHERE dataset IN (SELECT dataset FROM dataset_update WHERE updated_at < $0 LIMIT $1)",
                        Micros.Of(cut.Commands),
                        (long)limit) +
                    Run(
                        connection,
                        transaction,
                        "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $0 ORDER BY id LIMIT $1)",
                        Micros.Of(cut.Audit),
                        (long)limit);
            },
            cancellationToken).ConfigureAwait(false);

    private static int Run(SqliteConnection connection, SqliteTransaction transaction, string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = new Statement(connection, sql, values.Length);
        return statement.Run(transaction, values);
    }
}
