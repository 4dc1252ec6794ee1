using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>What a session holds of a pool after an exchange. Pure.</summary>
/// <param name="Grant">What it may use.</param>
/// <param name="Held">What it holds: never less than it uses.</param>
/// <param name="IsShort">Whether it holds too few for the largest of its waiting tasks.</param>
/// <param name="Tells">Whether others should exchange too.</param>
internal sealed record PoolExchange(PoolGrant Grant, int Held, bool IsShort, bool Tells)
{
    public static PoolExchange Make(long term, int slots, PoolDemand demand, IReadOnlyList<Row> rows)
    {
        var me = rows.Select((row, i) => (row, i)).First(pair => pair.row.Term == term).i;
        var orphaned = rows[me].Orphaned;

        // Tasks of DAGs that were taken but not read yet run on in the store, and not in the scheduler's memory.
        var used = Math.Max(demand.Used, rows[me].Taken);
        var needed = Math.Min(demand.AtOnce, slots);
        long? since = rows[me].Held < needed ? rows[me].ShortSince ?? long.MaxValue : null;
        var claims = rows.Select((row, i) => i == me
            ? new PoolClaim(term, demand.Wanted, demand.AtOnce, since, demand.Dags, demand.Priority)
            : new PoolClaim(row.Term, row.Wanted, row.AtOnce, row.ShortSince, row.Dags, row.Priority)).ToList();
        var parts = PoolShares.Of(Math.Max(0, slots - orphaned), claims);
        var others = rows.Where(row => row.Term != term).Sum(row => row.Held);
        var held = Math.Max(used, Math.Min(parts[me], slots - others - orphaned));
        var isWanted = rows.Any(row => row.Term != term && row.Held < row.Wanted);
        var hasFree = slots - others - orphaned - held > 0;

        // The others were told when it began to lack slots, and when it began to lack them for even one task.
        var isNew = rows[me].Held >= rows[me].Wanted || (held < needed && rows[me].ShortSince is null);
        return new PoolExchange(
            new PoolGrant(demand.Pool, slots, Math.Max(0, Math.Min(held, parts[me]) - (used - demand.Used)), isWanted),
            held,
            held < needed,
            (isNew && held < demand.Wanted) || (isWanted && hasFree));
    }

    /// <param name="Term">The session.</param>
    /// <param name="Held">Slots it holds.</param>
    /// <param name="Wanted">Slots it wanted last.</param>
    /// <param name="AtOnce">The largest of its waiting tasks.</param>
    /// <param name="ShortSince">Since when it waits, microseconds of the database's clock; null when it does not.</param>
    /// <param name="Orphaned">Slots used by tasks of DAGs that nobody owns; the same in each row.</param>
    /// <param name="Taken">Slots used by tasks of the DAGs of the session that exchanges; the same in each row.</param>
    /// <param name="Dags">What its DAGs wanted last.</param>
    /// <param name="Priority">The highest priority that waited there last.</param>
    internal sealed record Row(long Term, int Held, int Wanted, int AtOnce, long? ShortSince, int Orphaned, int Taken, string Dags, int Priority);
}
