namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How the slots of a pool are shared between schedulers. Pure.</summary>
public static class PoolShares
{
    /// <summary>Sums of fractions are not exact.</summary>
    private const double Slack = 1e-6;

    /// <summary>Each scheduler gets what it wants as long as all of that fits; else what higher priorities want goes first, and within a priority DAGs get
    /// parts by their weights, the same as DAGs of other schedulers, where what one does not want goes to the others. What nobody wants is dealt out too,
    /// so that a scheduler can start tasks without asking first.</summary>
    /// <param name="slots">Slots of the pool.</param>
    /// <param name="claims">What the schedulers want, by term, ascending.</param>
    /// <returns>Slots by scheduler in the order of the claims; together <paramref name="slots"/> unless there are no claims.</returns>
    /// <remarks>
    /// A scheduler that holds too few slots for a task of its own could wait for ever if the parts were kept to: of those the one that has
    /// waited longest gets enough for it, unless tasks of a higher priority wait elsewhere. What another one then lacks makes it wait in turn, so
    /// they alternate.
    /// </remarks>
    public static IReadOnlyList<int> Of(int slots, IReadOnlyList<PoolClaim> claims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        ArgumentNullException.ThrowIfNull(claims);
        var fair = Deal(slots, claims);
        var highest = claims.Where(claim => claim.AtOnce > 0 && claim.AtOnce <= slots).Select(claim => claim.Priority).DefaultIfEmpty(int.MinValue).Max();
        var waiting = Enumerable.Range(0, claims.Count)
            .Where(i => claims[i].WaitingSince is not null && claims[i].AtOnce <= slots && claims[i].Priority >= highest)
            .OrderBy(i => claims[i].WaitingSince).ThenBy(i => claims[i].Term).ToList();
        if (waiting.Count > 0)
        {
            var first = waiting[0];
            var enough = Math.Max(claims[first].AtOnce, fair[first]);
            var rest = Deal(slots - enough, [.. claims.Select((claim, i) => i == first ? claim with { Wanted = 0, Dags = string.Empty } : claim)]);
            fair = [.. rest.Select((part, i) => i == first ? enough : part)];
        }

        var wanted = fair.Sum();
        return claims.Count == 0 ? fair : [.. fair.Select((part, i) => part + Part(slots - wanted, claims.Count, i))];
    }

    /// <summary>By priority, and in each max-min fair between all DAGs of all schedulers, in proportion to their weights; a scheduler gets what its DAGs
    /// get.</summary>
    private static int[] Deal(int slots, IReadOnlyList<PoolClaim> claims)
    {
        var dags = claims.Select(claim => DagDemands.Read(claim.Dags, claim.Wanted)).ToList();
        var exact = new double[claims.Count];
        var free = (double)slots;
        foreach (var priority in dags.SelectMany(groups => groups).Select(group => group.Priority).Distinct().OrderDescending())
        {
            var level = LevelOf(free, [.. dags.SelectMany(groups => groups).Where(group => group.Priority == priority)]);
            for (var i = 0; i < exact.Length; i++)
            {
                var part = dags[i].Where(group => group.Priority == priority).Sum(group => group.Count * Math.Min(group.Wanted, level * group.Weight));
                part = Math.Min(part, claims[i].Wanted - exact[i]);
                (exact[i], free) = (exact[i] + part, Math.Max(0, free - part));
            }
        }

        int[] parts = [.. exact.Select(part => (int)(part + Slack))];
        var left = (int)(Math.Min(slots, exact.Sum()) + Slack) - parts.Sum();
        foreach (var i in Enumerable.Range(0, parts.Length).Where(i => parts[i] < claims[i].Wanted)
            .OrderByDescending(i => Math.Round(exact[i] - parts[i], 6)).ThenByDescending(i => claims[i].Wanted).ThenByDescending(i => i).Take(left))
        {
            parts[i]++;
        }

        return parts;
    }

    /// <summary>The slots by unit of weight at which all are dealt out; larger than any want when all wants fit.</summary>
    private static double LevelOf(double slots, List<(int Wanted, int Weight, int Count, int Priority)> groups)
    {
        var left = slots;
        double weight = groups.Sum(group => (double)group.Weight * group.Count);
        foreach (var (wanted, each, count, _) in groups.OrderBy(group => (double)group.Wanted / group.Weight))
        {
            if ((double)wanted / each * weight > left)
            {
                return Math.Max(0, left / weight);
            }

            left -= (double)wanted * count;
            weight -= (double)each * count;
        }

        return int.MaxValue;
    }

    /// <summary>Equal parts; the first ones get what does not divide.</summary>
    private static int Part(int left, int count, int index) => (left / count) + (index < left % count ? 1 : 0);
}
