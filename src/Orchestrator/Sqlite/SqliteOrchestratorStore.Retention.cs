using System.Text.Json;
using Dapper;
using DataPlatform.Orchestrator.Metadata;

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
    public ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default) => Query<PoolRecord>(
        $"SELECT name, slots, (SELECT coalesce(sum(pool_slots), 0) FROM {Holding} AND pool = name) AS Used, 1 AS IsSet, description FROM pool ORDER BY name");

    /// <inheritdoc/>
    public async ValueTask SetPoolAsync(
        string name, int slots, string? description, CancellationToken cancellationToken = default) => await Writer.WriteAsync(
        (connection, transaction) => connection.Execute(
            "INSERT INTO pool VALUES (@name, @slots, @description) ON CONFLICT (name) DO UPDATE " +
            "SET slots = @slots, description = coalesce(@description, description)",
            new { name, slots, description }, transaction),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default) => await Writer.WriteAsync(
        (connection, transaction) => connection.Execute(
            $"DELETE FROM pool WHERE name = @name AND NOT EXISTS (SELECT 1 FROM {Holding} AND pool = @name)", new { name }, transaction),
        cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListExpiredRunsAsync(
        DateTimeOffset endedBefore, int keptByDag, int limit, CancellationToken cancellationToken) => Query<ExpiredRun>(
        "SELECT id AS RunId, dag_id AS DagId FROM run r WHERE state >= 2 AND ended_at < @before AND id < coalesce(" +
        "(SELECT id FROM run k WHERE k.dag_id = r.dag_id ORDER BY id DESC LIMIT 1 OFFSET @keptByDag), 0) + 1 ORDER BY ended_at LIMIT @limit",
        new { before = Micros.Of(endedBefore), keptByDag, limit });

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                var ids = new { Ids = JsonSerializer.Serialize(runIds) };
                const string Going = "state >= 2 AND id IN (SELECT value FROM json_each(@Ids))";
                connection.Execute($"INSERT OR IGNORE INTO removed_run SELECT id, dag_id FROM run WHERE {Going}", ids, transaction);
                return connection.Execute($"DELETE FROM run WHERE {Going}", ids, transaction);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListRemovedRunsAsync(long afterId, int limit, CancellationToken cancellationToken) => Query<ExpiredRun>(
        "SELECT id AS RunId, dag_id AS DagId FROM removed_run r WHERE id > @afterId AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = r.id) " +
        "ORDER BY id LIMIT @limit",
        new { afterId, limit });

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRestsAsync(IReadOnlyList<long> runIds, int limit, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                var rests = new { Ids = JsonSerializer.Serialize(runIds), limit };
                const string Gone = "run_id IN (SELECT value FROM json_each(@Ids) WHERE value NOT IN (SELECT id FROM run WHERE id = value))";
                return OfARun.Sum(of => connection.Execute(
                    $"DELETE FROM {of.Table} WHERE ({of.Key}) IN (SELECT {of.Key} FROM {of.Table} WHERE {Gone} LIMIT @limit)", rests, transaction));
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask IStoreRetention.ForgetRemovedRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) => connection.Execute(
                "DELETE FROM removed_run WHERE id IN (SELECT value FROM json_each(@Ids))", new { Ids = JsonSerializer.Serialize(runIds) }, transaction),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken) =>
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                const string Ended = "(SELECT id FROM backfill WHERE ended_at < @Backfills ORDER BY id LIMIT @limit)";
                var before = new { Backfills = Micros.Of(cut.Backfills), Commands = Micros.Of(cut.Commands), Audit = Micros.Of(cut.Audit), limit };
                connection.Execute($"DELETE FROM backfill_run WHERE backfill_id IN {Ended}", before, transaction);
                return connection.Execute($"DELETE FROM backfill WHERE id IN {Ended}", before, transaction) +
                    connection.Execute(
                        "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE is_answered = 1 AND created_at < @Commands LIMIT @limit)",
                        before, transaction) +
                    connection.Execute(
                        "DELETE FROM dataset_update WHERE dataset IN (SELECT dataset FROM dataset_update WHERE updated_at < @Commands LIMIT @limit)",
                        before, transaction) +
                    connection.Execute(
                        "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < @Audit ORDER BY id LIMIT @limit)", before, transaction);
            },
            cancellationToken).ConfigureAwait(false);
}
