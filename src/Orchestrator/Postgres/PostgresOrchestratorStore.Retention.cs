using Dapper;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Pools, and what has been kept long enough.</summary>
public sealed partial class PostgresOrchestratorStore : IStoreRetention
{
    /// <summary>Tables whose rows belong to a run, with their keys.</summary>
    private static readonly (string Table, string Key)[] OfARun =
        [("task", "run_id, task_no, map_index"), ("task_try", "run_id, task_no, map_index, try"), ("xcom", "run_id, task_no, map_index, name")];

    /// <inheritdoc/>
    public IStoreRetention Retention => this;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default) => _database.QueryAsync<PoolRecord>(
        "SELECT name, slots, (SELECT coalesce(sum(pool_slots), 0)::bigint FROM task WHERE pool = name AND state IN (2, 3)) AS Used, is_set AS IsSet, " +
        "description FROM pool ORDER BY name COLLATE \"C\"",
        null,
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default)
    {
        const string Sql =
            "INSERT INTO pool (name, slots, is_set, description) VALUES (@name, @slots, true, @description) ON CONFLICT (name) DO UPDATE " +
            "SET slots = excluded.slots, is_set = true, description = coalesce(excluded.description, pool.description)";
        await _database.WriteAsync(
            (connection, token) => connection.ExecuteAsync(new CommandDefinition(Sql, new { name, slots, description }, cancellationToken: token)),
            cancellationToken).ConfigureAwait(false);
        _signals.Send(FleetSignal.Pools);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default) => await _database.WriteAsync(
        async (connection, token) =>
        {
            // A scheduler that enters takes the pool's row with its share: with the row locked either it is seen, or it makes the pool anew.
            await Database.ScalarAsync(connection, "SELECT 1 FROM pool WHERE name = $1 FOR UPDATE", token, name).ConfigureAwait(false);
            return await Database.ScalarAsync(
                connection,
                "DELETE FROM pool WHERE name = $1 AND NOT EXISTS (SELECT 1 FROM pool_share WHERE pool = $1) " +
                "AND NOT EXISTS (SELECT 1 FROM task WHERE pool = $1 AND state IN (2, 3)) RETURNING name",
                token,
                name).ConfigureAwait(false) is not null;
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListExpiredRunsAsync(
        DateTimeOffset endedBefore, int keptByDag, int limit, CancellationToken cancellationToken) => _database.QueryAsync<ExpiredRun>(
        "SELECT id AS RunId, dag_id AS DagId FROM run r WHERE state >= 2 AND ended_at < @before AND id < coalesce(" +
        "(SELECT id FROM run k WHERE k.dag_id = r.dag_id ORDER BY id DESC LIMIT 1 OFFSET @keptByDag), 0) + 1 ORDER BY ended_at LIMIT @limit",
        new { before = Micros.Of(endedBefore), keptByDag, limit },
        cancellationToken);

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            (connection, token) => RemoveAsync(
                connection,

                // A run that is just cleared is locked by its scheduler, or is no longer ended.
                "WITH gone AS (DELETE FROM run WHERE id = ANY(ARRAY(SELECT id FROM run WHERE id = ANY($1) AND state >= 2 ORDER BY id FOR UPDATE SKIP LOCKED)) " +
                "RETURNING id, dag_id), noted AS (INSERT INTO removed_run SELECT id, dag_id FROM gone ON CONFLICT DO NOTHING) SELECT count(*) FROM gone",
                token,
                (object)runIds.ToArray()),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListRemovedRunsAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        _database.QueryAsync<ExpiredRun>(
            "SELECT id AS RunId, dag_id AS DagId FROM removed_run r WHERE id > @afterId AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = r.id) " +
            "ORDER BY id LIMIT @limit",
            new { afterId, limit },
            cancellationToken);

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRestsAsync(IReadOnlyList<long> runIds, int limit, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            async (connection, token) =>
            {
                var rows = 0;
                foreach (var (table, key) in OfARun)
                {
                    // Another process that does the same is waited for: rows it has locked are not gone before it has committed.
                    rows += await RemoveAsync(
                        connection,
                        $"WITH gone AS (DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE run_id = ANY($1) AND NOT EXISTS " +
                        $"(SELECT 1 FROM run WHERE run.id = run_id) ORDER BY {key} LIMIT $2 FOR UPDATE)) RETURNING 1) SELECT count(*) FROM gone",
                        token,
                        runIds.ToArray(),
                        (long)limit).ConfigureAwait(false);
                }

                return rows;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask IStoreRetention.ForgetRemovedRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            (connection, token) => Database.ScalarAsync(connection, "DELETE FROM removed_run WHERE id = ANY($1)", token, (object)runIds.ToArray()),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    async ValueTask<int> IStoreRetention.RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            async (connection, token) => await RemoveAsync(
                connection,
                "WITH gone AS (DELETE FROM backfill WHERE id = ANY(ARRAY(SELECT id FROM backfill WHERE ended_at < $1 ORDER BY id LIMIT $2 " +
                "FOR UPDATE SKIP LOCKED)) RETURNING id), dates AS (DELETE FROM backfill_run USING gone WHERE backfill_id = gone.id) " +
                "SELECT count(*) FROM gone",
                token,
                Micros.Of(cut.Backfills),
                (long)limit).ConfigureAwait(false) + await RemoveAsync(
                connection,
                "WITH gone AS (DELETE FROM command WHERE id = ANY(ARRAY(SELECT id FROM command WHERE answered_at < $1 LIMIT $2 " +
                "FOR UPDATE SKIP LOCKED)) RETURNING id) SELECT count(*) FROM gone",
                token,
                cut.Commands,
                (long)limit).ConfigureAwait(false) + await RemoveAsync(
                connection,
                "WITH gone AS (DELETE FROM dataset_update WHERE dataset = ANY(ARRAY(SELECT dataset FROM dataset_update WHERE updated_at < $1 " +
                "LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1) SELECT count(*) FROM gone",
                token,
                Micros.Of(cut.Commands),
                (long)limit).ConfigureAwait(false) + await RemoveAsync(
                connection,
                "WITH gone AS (DELETE FROM audit WHERE id = ANY(ARRAY(SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT $2 " +
                "FOR UPDATE SKIP LOCKED)) RETURNING id) SELECT count(*) FROM gone",
                token,
                Micros.Of(cut.Audit),
                (long)limit).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);

    /// <summary>Gives what the statement counts; 0 for one that does not.</summary>
    private static async Task<int> RemoveAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values) =>
        (int)(await Database.ScalarAsync(connection, sql, cancellationToken, values).ConfigureAwait(false) as long? ?? 0);
}
