using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>
/// Slots of pools between sessions. Always: what sessions hold, plus what tasks of DAGs without an owner use, is at most the pool's slots. All
/// changes are made with the pool's row locked; a DAG that changes hands takes the slots of its tasks along in the same transaction.
/// </summary>
internal sealed partial class PostgresFleet
{
    public async ValueTask<IReadOnlyList<PoolGrant>> ShareAsync(
        long term, IReadOnlyList<PoolDemand> demands, CancellationToken cancellationToken = default)
    {
        var isAwaited = false;
        var grants = await database.WriteAsync(
            async (connection, token) =>
            {
                isAwaited = false;
                await RenewAsync(connection, term, token).ConfigureAwait(false);
                var grants = new List<PoolGrant>();
                foreach (var demand in demands.OrderBy(demand => demand.Pool, StringComparer.Ordinal))
                {
                    var (grant, tells) = await ShareAsync(connection, term, demand, token).ConfigureAwait(false);
                    grants.Add(grant);
                    isAwaited |= tells;
                }

                return grants;
            },
            cancellationToken).ConfigureAwait(false);
        if (isAwaited)
        {
            signals.Send(FleetSignal.Pools);
        }

        return grants;
    }

    private static async Task<(PoolGrant Grant, bool Tells)> ShareAsync(
        NpgsqlConnection connection, long term, PoolDemand demand, CancellationToken cancellationToken)
    {
        var slots = (int)(long)(await Database.ScalarAsync(
            connection, "SELECT slots FROM pool WHERE name = $1 FOR NO KEY UPDATE", cancellationToken, demand.Pool).ConfigureAwait(false))!;
        var rows = await ReadAsync(connection, demand.Pool, term, cancellationToken).ConfigureAwait(false);
        var exchange = PoolExchange.Make(term, slots, demand, rows);
        const string Sql =
            "UPDATE pool_share SET held = $3, wanted = $4, at_once = $5, short_since = " +
            "CASE WHEN $6 THEN coalesce(short_since, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) END, dags = $7, priority = $8 " +
            "WHERE pool = $1 AND term = $2";
        await Database.ScalarAsync(
            connection, Sql, cancellationToken, demand.Pool, term, (long)exchange.Held, (long)demand.Wanted, (long)demand.AtOnce, exchange.IsShort,
            demand.Dags, (long)demand.Priority)
            .ConfigureAwait(false);
        return (exchange.Grant, exchange.Tells);
    }

    /// <summary>One statement, so that a DAG which changes hands meanwhile is counted once: with its owner, or with those of nobody.</summary>
    private static Task<List<PoolExchange.Row>> ReadAsync(
        NpgsqlConnection connection, string pool, long term, CancellationToken cancellationToken) =>
        Database.RowsAsync(
            connection,
            "WITH taken AS (SELECT d.term, sum(t.pool_slots)::bigint AS slots FROM task t JOIN run r ON r.id = t.run_id " +
            "JOIN dag d ON d.id = r.dag_id WHERE t.state IN (2, 3) AND t.pool = $1 AND (d.term IS NULL OR d.term = $2) GROUP BY d.term) " +
            "SELECT s.term, s.held, s.wanted, s.at_once, s.short_since, " +
            "coalesce((SELECT slots FROM taken WHERE term IS NULL), 0), coalesce((SELECT slots FROM taken WHERE term = $2), 0), s.dags, s.priority " +
            "FROM pool_share s WHERE s.pool = $1 ORDER BY s.term",
            row => new PoolExchange.Row(
                row.GetInt64(0),
                (int)row.GetInt64(1),
                (int)row.GetInt64(2),
                (int)row.GetInt64(3),
                row.IsDBNull(4) ? null : row.GetInt64(4),
                (int)row.GetInt64(5),
                (int)row.GetInt64(6),
                row.GetString(7),
                (int)row.GetInt64(8)),
            cancellationToken,
            pool,
            term);

    private static async Task TakeOverSlotsAsync(
        NpgsqlConnection connection, long term, List<string> dagIds, CancellationToken cancellationToken)
    {
        if (dagIds.Count == 0)
        {
            return;
        }

        var used = await Database.RowsAsync(
            connection,
            "SELECT t.pool, sum(t.pool_slots)::bigint FROM task t JOIN run r ON r.id = t.run_id " +
            "WHERE t.state IN (2, 3) AND r.dag_id = ANY($1) GROUP BY t.pool ORDER BY t.pool COLLATE \"C\"",
            row => (Pool: row.GetString(0), Slots: row.GetInt64(1)),
            cancellationToken,
            (object)dagIds.ToArray()).ConfigureAwait(false);
        foreach (var (pool, slots) in used)
        {
            await Database.ScalarAsync(connection, "SELECT 1 FROM pool WHERE name = $1 FOR NO KEY UPDATE", cancellationToken, pool)
                .ConfigureAwait(false);
            await Database.ScalarAsync(
                connection, "UPDATE pool_share SET held = held + $3 WHERE pool = $1 AND term = $2", cancellationToken, pool, term, slots)
                .ConfigureAwait(false);
        }
    }
}
