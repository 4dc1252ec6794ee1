using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Sessions of schedulers and who owns which DAG. Rows are locked in this order: own session, other sessions, DAGs, pools, the
/// counters.</summary>
internal sealed partial class PostgresFleet(Database database, Signals signals) : ISchedulerFleet
{
    /// <summary>Renews a session and locks its row until the transaction ends; of no row where its term is over. Parameters: term, lease.</summary>
    public const string Renewal = "UPDATE scheduler SET lease_until = clock_timestamp() + $2 WHERE term = $1";

    private const string CountMembers = "UPDATE fleet SET members = members + 1";

    /// <summary>DAGs in one answer to "which could go?".</summary>
    private const int GivableMax = 1_000;

    /// <summary>The session and the count of comings and goings at which nothing was left to do; touched by one beat at a time.</summary>
    private (long Term, long Members) _settled;

    private volatile Membership _membership = new(-1, []);

    public TimeSpan Lease => database.Options.Lease;

    public TimeSpan BeatEvery => TimeSpan.FromSeconds(Math.Min(1, Lease.TotalSeconds / 3));

    public async ValueTask EnterAsync(
        long term, IReadOnlyList<Dag> dags, IEnumerable<KeyValuePair<string, int>> pools, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        var slots = pools.OrderBy(pool => pool.Key, StringComparer.Ordinal).ToArray();
        await database.WriteAsync(
            async (connection, token) =>
            {
                await RenewAsync(connection, term, token).ConfigureAwait(false);
                await Database.ScalarAsync(
                    connection,
                    "INSERT INTO scheduler_dag SELECT $1, id, hash FROM unnest($2::text[], $3::text[]) AS v (id, hash) ON CONFLICT DO NOTHING",
                    token,
                    term,
                    dags.Select(dag => dag.Id).ToArray(),
                    dags.Select(dag => dag.Hash).ToArray()).ConfigureAwait(false);
                await Database.ScalarAsync(
                    connection,
                    "INSERT INTO pool (name, slots) SELECT * FROM unnest($1::text[], $2::bigint[]) AS v (name, slots) ORDER BY 1 " +
                    "ON CONFLICT (name) DO UPDATE SET slots = CASE WHEN pool.is_set THEN pool.slots ELSE excluded.slots END",
                    token,
                    slots.Select(pool => pool.Key).ToArray(),
                    slots.Select(pool => (long)pool.Value).ToArray()).ConfigureAwait(false);
                await Database.ScalarAsync(
                    connection,
                    "INSERT INTO pool_share SELECT name, $1, 0, 0, 0 FROM unnest($2::text[]) AS v (name) ON CONFLICT DO NOTHING",
                    token,
                    term,
                    slots.Select(pool => pool.Key).ToArray()).ConfigureAwait(false);
                return await Database.ScalarAsync(connection, CountMembers, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        signals.Send(FleetSignal.Members);
    }

    /// <summary>Ends a session: its DAGs are free at once.</summary>
    public async ValueTask LeaveAsync(long term, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async (connection, token) =>
            {
                await Database.ScalarAsync(connection, "SELECT 1 FROM scheduler WHERE term = $1 FOR UPDATE", token, term).ConfigureAwait(false);
                await Database.ScalarAsync(connection, "UPDATE dag SET term = NULL WHERE term = $1", token, term).ConfigureAwait(false);
                await Database.ScalarAsync(connection, "DELETE FROM scheduler WHERE term = $1", token, term).ConfigureAwait(false);
                return await Database.ScalarAsync(connection, CountMembers, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        signals.Send(FleetSignal.Members);
    }

    public async ValueTask GiveBackAsync(long term, IReadOnlyList<string> dagIds, CancellationToken cancellationToken = default)
    {
        await database.WriteAsync(
            (connection, token) => Database.ScalarAsync(
                connection, "UPDATE dag SET term = NULL WHERE term = $1 AND id = ANY($2)", token, term, dagIds.ToArray()),
            cancellationToken).ConfigureAwait(false);
        signals.Send(FleetSignal.Members);
    }

    public async ValueTask<long> ReserveRunIdsAsync(int count, CancellationToken cancellationToken = default) =>
        (long)(await database.WriteAsync(
            (connection, token) => Database.ScalarAsync(
                connection, "UPDATE fleet SET next_run_id = next_run_id + $1 RETURNING next_run_id - $1", token, (long)count),
            cancellationToken).ConfigureAwait(false))!;

    public async ValueTask<long> ReserveBackfillIdAsync(CancellationToken cancellationToken = default) =>
        (long)(await database.WriteAsync(
            (connection, token) => Database.ScalarAsync(
                connection, "UPDATE fleet SET next_backfill_id = next_backfill_id + 1 RETURNING next_backfill_id - 1", token),
            cancellationToken).ConfigureAwait(false))!;

    public IAsyncEnumerable<FleetSignal> FollowSignalsAsync(CancellationToken cancellationToken = default) => signals.FollowAsync(cancellationToken);

    /// <summary>All that is older than the oldest transaction that was open at a look is seen by it; the next look goes on from there.</summary>
    public async ValueTask<FleetUpdates> ListUpdatesAsync(long? since, CancellationToken cancellationToken = default)
    {
        var rows = await database.QueryAsync(
            $"SELECT {RowReader.UpdateColumns}, pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM (SELECT) AS look " +
            "LEFT JOIN dataset_update ON written >= @since",
            row => (Next: row.GetInt64(3), Update: row.IsDBNull(0) ? default(StoredUpdate?) : RowReader.Update(row)),
            new { since = since ?? long.MaxValue },
            cancellationToken).ConfigureAwait(false);
        return new FleetUpdates([.. rows.Select(row => row.Update).OfType<StoredUpdate>()], rows[0].Next);
    }

    public async ValueTask<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) =>
        (await database.QueryAsync(
            "SELECT clock_timestamp()", row => new DateTimeOffset(row.GetDateTime(0)), null, cancellationToken).ConfigureAwait(false))[0];

    public async ValueTask<FleetBeat> BeatAsync(long term, CancellationToken cancellationToken = default)
    {
        var (beat, hasBuried) = await database.WriteAsync(
            async (connection, token) =>
            {
                var look = await RenewAndLookAsync(connection, term, token).ConfigureAwait(false);
                if (look.IsQuiet && _settled == (term, look.Members))
                {
                    return (new FleetBeat(look.Now, [], 0, [], [], look.Members, look.ArePoolsShort), false);
                }

                var hasBuried = await BuryAsync(connection, token).ConfigureAwait(false);
                var members = await MembersAsync(connection, token).ConfigureAwait(false);
                var taken = await TakeAsync(connection, term, members, token).ConfigureAwait(false);
                return (await LookAsync(connection, term, members, taken, token).ConfigureAwait(false), hasBuried);
            },
            cancellationToken).ConfigureAwait(false);
        _settled = beat is { Excess: 0, Taken: [], Outdated: [] } ? (term, beat.MembersVersion) : default;
        if (hasBuried)
        {
            signals.Send(FleetSignal.Members | FleetSignal.Pools);
        }

        return beat;
    }

    /// <summary>Renews a session as <see cref="RenewAsync"/> does, and looks in the same statement whether anything is to be done: an idle beat costs
    /// this and no more, however many DAGs there are.</summary>
    private async Task<IdleLook> RenewAndLookAsync(NpgsqlConnection connection, long term, CancellationToken cancellationToken)
    {
        const string Sql =
            "UPDATE scheduler SET lease_until = clock_timestamp() + $2 WHERE term = $1 RETURNING clock_timestamp(), (SELECT members FROM fleet), " +
            "NOT EXISTS (SELECT 1 FROM scheduler o WHERE o.term <> $1 AND o.lease_until <= clock_timestamp()) AND NOT EXISTS " +
            "(SELECT 1 FROM dag d WHERE d.term IS NULL AND EXISTS (SELECT 1 FROM scheduler_dag s WHERE s.dag_id = d.id AND s.term = $1)), " +
            "EXISTS (SELECT 1 FROM pool_share p WHERE p.wanted > p.held AND p.term <> $1)";
        var rows = await Database.RowsAsync(
            connection,
            Sql,
            row => new IdleLook(new DateTimeOffset(row.GetDateTime(0)), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3)),
            cancellationToken,
            term,
            Lease).ConfigureAwait(false);
        return rows.Count == 1 ? rows[0] : throw Over(term);
    }

    /// <summary>Renews a session and locks its row until the transaction ends, so that nobody can end it in between.</summary>
    public async Task RenewAsync(NpgsqlConnection connection, long term, CancellationToken cancellationToken)
    {
        if (await Database.ScalarAsync(connection, Renewal + " RETURNING term", cancellationToken, term, Lease).ConfigureAwait(false) is null)
        {
            throw Over(term);
        }
    }

    public static OrchestratorStoreException Over(long term) =>
        new(ErrorKind.Conflict, $"term {term} is over: other schedulers own its DAGs now.");

    /// <summary>Ends sessions that have run out. One that is just writing is left: it renews itself with that.</summary>
    private static async Task<bool> BuryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var dead = await Database.RowsAsync(
            connection,
            "SELECT term FROM scheduler WHERE lease_until <= clock_timestamp() FOR UPDATE SKIP LOCKED",
            row => row.GetInt64(0),
            cancellationToken).ConfigureAwait(false);
        if (dead.Count == 0)
        {
            return false;
        }

        await Database.ScalarAsync(connection, "UPDATE dag SET term = NULL WHERE term = ANY($1)", cancellationToken, dead.ToArray())
            .ConfigureAwait(false);
        await Database.ScalarAsync(connection, "DELETE FROM scheduler WHERE term = ANY($1)", cancellationToken, dead.ToArray())
            .ConfigureAwait(false);
        await Database.ScalarAsync(connection, CountMembers, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The sessions with their fair shares, which change only when one comes or goes, and what they own.</summary>
    private async Task<IReadOnlyList<FleetMembership>> MembersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var version = (long)(await Database.ScalarAsync(connection, "SELECT members FROM fleet", cancellationToken).ConfigureAwait(false))!;
        var known = _membership;
        if (known.Version != version)
        {
            var shares = await Database.RowsAsync(
                connection,
                "SELECT s.term, (SELECT coalesce(sum(1.0 / n.n), 0)::double precision FROM scheduler_dag d " +
                "JOIN (SELECT dag_id, count(*) AS n FROM scheduler_dag GROUP BY dag_id) AS n ON n.dag_id = d.dag_id WHERE d.term = s.term) " +
                "FROM scheduler s ORDER BY s.term",
                row => (Term: row.GetInt64(0), Share: row.GetDouble(1)),
                cancellationToken).ConfigureAwait(false);
            _membership = known = new Membership(version, shares);
        }

        var owned = (await Database.RowsAsync(
            connection,
            "SELECT term, count(*) FROM dag WHERE term IS NOT NULL GROUP BY term",
            row => (Term: row.GetInt64(0), Count: (int)row.GetInt64(1)),
            cancellationToken).ConfigureAwait(false)).ToDictionary(row => row.Term, row => row.Count);
        return [.. known.Shares.Select(member => new FleetMembership(member.Term, member.Share, owned.GetValueOrDefault(member.Term)))];
    }

    /// <summary>DAGs that nobody owns: up to the share, and beyond it those that no session with room could take.</summary>
    private static async Task<List<string>> TakeAsync(
        NpgsqlConnection connection, long term, IReadOnlyList<FleetMembership> members, CancellationToken cancellationToken)
    {
        const string Newest =
            "(s.hash = d.hash OR NOT EXISTS (SELECT 1 FROM scheduler_dag o WHERE o.dag_id = d.id AND o.hash = d.hash))";
        const string Sql =
            "UPDATE dag SET term = $1 FROM (SELECT d.id FROM dag d JOIN scheduler_dag s ON s.dag_id = d.id AND s.term = $1 " +
            $"WHERE d.term IS NULL AND {Newest} AND NOT EXISTS " +
            "(SELECT 1 FROM scheduler_dag o WHERE o.dag_id = d.id AND o.hash = d.hash AND o.term = ANY($3)) " +
            "ORDER BY d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED) AS free WHERE dag.id = free.id RETURNING dag.id";
        var room = DagShares.RoomOf(term, members);
        var taken = new List<string>();
        if (room > 0)
        {
            taken.AddRange(await Database.RowsAsync(
                connection, Sql, row => row.GetString(0), cancellationToken, term, (long)room, Array.Empty<long>()).ConfigureAwait(false));
        }

        var others = members.Where(member => member.Term != term && DagShares.RoomOf(member.Term, members) > 0).Select(member => member.Term);
        if (taken.Count == room || room == 0)
        {
            taken.AddRange(await Database.RowsAsync(
                connection, Sql, row => row.GetString(0), cancellationToken, term, (long)int.MaxValue, others.ToArray()).ConfigureAwait(false));
        }

        await TakeOverSlotsAsync(connection, term, taken, cancellationToken).ConfigureAwait(false);
        return taken;
    }

    /// <summary>What others should get.</summary>
    private static async Task<FleetBeat> LookAsync(
        NpgsqlConnection connection, long term, IReadOnlyList<FleetMembership> members, List<string> taken, CancellationToken cancellationToken)
    {
        var now = (DateTime)(await Database.ScalarAsync(connection, "SELECT clock_timestamp()", cancellationToken).ConfigureAwait(false))!;
        var version = (long)(await Database.ScalarAsync(connection, "SELECT members FROM fleet", cancellationToken).ConfigureAwait(false))!;
        var beat = new FleetBeat(new DateTimeOffset(now), taken, 0, [], [], version, false);
        if (members.Count < 2)
        {
            return beat;
        }

        var arePoolsShort = (bool)(await Database.ScalarAsync(
            connection, "SELECT EXISTS (SELECT 1 FROM pool_share WHERE wanted > held AND term <> $1)", cancellationToken, term)
            .ConfigureAwait(false))!;

        var outdated = await Database.RowsAsync(
            connection,
            "SELECT d.id FROM dag d JOIN scheduler_dag s ON s.dag_id = d.id AND s.term = $1 WHERE d.term = $1 AND s.hash <> d.hash " +
            "AND EXISTS (SELECT 1 FROM scheduler_dag o WHERE o.dag_id = d.id AND o.hash = d.hash) LIMIT $2",
            row => row.GetString(0),
            cancellationToken,
            term,
            (long)GivableMax).ConfigureAwait(false);
        var excess = DagShares.ExcessOf(term, members);
        var hungry = members.Where(member => DagShares.Room(member) > 0).Select(member => member.Term).ToArray();
        var givable = excess == 0
            ? []
            : await Database.RowsAsync(
                connection,
                "SELECT d.id FROM dag d WHERE d.term = $1 AND EXISTS " +
                "(SELECT 1 FROM scheduler_dag o WHERE o.dag_id = d.id AND o.hash = d.hash AND o.term = ANY($2)) ORDER BY d.id DESC LIMIT $3",
                row => row.GetString(0),
                cancellationToken,
                term,
                hungry,
                (long)Math.Max(GivableMax, excess)).ConfigureAwait(false);
        return beat with { Excess = excess, Givable = givable, Outdated = outdated, ArePoolsShort = arePoolsShort };
    }

    private sealed record IdleLook(DateTimeOffset Now, long Members, bool IsQuiet, bool ArePoolsShort);

    private sealed record Membership(long Version, IReadOnlyList<(long Term, double Share)> Shares);
}
