using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>What a session holds of a pool after an exchange. Pure.</summary>
/// <param name="Grant">What it may use.</param>
/// <param name="Held">What it holds: never less than it uses.</param>
/// <param name="IsShort">Whether it waits for slots that others hold beyond their shares.</param>
/// <param name="Tells">Whether others should exchange too.</param>
internal sealed record PoolExchange(PoolGrant Grant, int Held, bool IsShort, bool Tells)
{
    public static PoolExchange Make(long term, int slots, PoolDemand demand, IReadOnlyList<Row> rows)
    {
        var me = rows.Select((row, i) => (row, i)).First(pair => pair.row.Term == term).i;
        var orphaned = rows[me].Orphaned;

        // Tasks of DAGs that were taken but not read yet run on in the store, and not in the scheduler's memory.
        var used = Math.Max(demand.Used, rows[me].Taken);
        var claims = rows.Select((row, i) => i == me
            ? new PoolClaim(term, demand.Wanted, demand.AtOnce, row.ShortSince ?? long.MaxValue - 1)
            : new PoolClaim(row.Term, row.Wanted, row.AtOnce, row.ShortSince ?? long.MaxValue)).ToList();
        var parts = PoolShares.Of(Math.Max(0, slots - orphaned), claims);
        var others = rows.Where(row => row.Term != term).Sum(row => row.Held);
        var held = Math.Max(used, Math.Min(parts[me], slots - others - orphaned));
        var isShort = held < parts[me] && held < demand.Wanted;
        var isWanted = rows.Where((row, i) => i != me && row.Held < parts[i] && row.Held < row.Wanted).Any();
        var hasFree = slots - others - orphaned - held > 0;
        return new PoolExchange(
            new PoolGrant(demand.Pool, slots, Math.Max(0, Math.Min(held, parts[me]) - (used - demand.Used)), isWanted),
            held,
            isShort,
            (isShort && rows[me].ShortSince is null) || (isWanted && hasFree));
    }

    /// <param name="Term">The session.</param>
    /// <param name="Held">Slots it holds.</param>
    /// <param name="Wanted">Slots it wanted last.</param>
    /// <param name="AtOnce">The largest of its waiting tasks.</param>
    /// <param name="ShortSince">Since when it waits, microseconds of the database's clock; null when it does not.</param>
    /// <param name="Orphaned">Slots used by tasks of DAGs that nobody owns; the same in each row.</param>
    /// <param name="Taken">Slots used by tasks of the DAGs of the session that exchanges; the same in each row.</param>
    internal sealed record Row(long Term, int Held, int Wanted, int AtOnce, long? ShortSince, int Orphaned, int Taken);
}
