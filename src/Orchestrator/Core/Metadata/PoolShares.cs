namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How the slots of a pool are shared between schedulers. Pure.</summary>
public static class PoolShares
{
    /// <summary>Sums of fractions are not exact.</summary>
    private const double Slack = 1e-6;

    /// <summary>Each scheduler gets what it wants as long as all of that fits; else its DAGs get parts by their weights, the same as DAGs of other
    /// schedulers, where what one does not want goes to the others. What nobody wants is dealt out too, so that a scheduler can start tasks without asking first.</summary>
    /// <param name="slots">Slots of the pool.</param>
    /// <param name="claims">What the schedulers want, by term, ascending.</param>
    /// <returns>Slots by scheduler in the order of the claims; together <paramref name="slots"/> unless there are no claims.</returns>
    /// <remarks>
    /// A scheduler that holds too few slots for a task of its own could wait for ever if the parts were kept to: of those the one that has
    /// waited longest gets enough for it. What another one then lacks makes it wait in turn, so they alternate.
    /// </remarks>
    public static IReadOnlyList<int> Of(int slots, IReadOnlyList<PoolClaim> claims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        ArgumentNullException.ThrowIfNull(claims);
        var fair = Deal(slots, claims);
        var waiting = Enumerable.Range(0, claims.Count).Where(i => claims[i].WaitingSince is not null && claims[i].AtOnce <= slots)
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

    /// <summary>Max-min fair between all DAGs of all schedulers, in proportion to their weights; a scheduler gets what its DAGs get.</summary>
    private static int[] Deal(int slots, IReadOnlyList<PoolClaim> claims)
    {
        var dags = claims.Select(claim => DagDemands.Read(claim.Dags, claim.Wanted)).ToList();
        var level = LevelOf(slots, [.. dags.SelectMany(groups => groups)]);
        double[] exact =
        [
            .. claims.Select((claim, i) => Math.Min(claim.Wanted, dags[i].Sum(group => group.Count * Math.Min(group.Wanted, level * group.Weight)))),
        ];
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
    private static double LevelOf(int slots, List<(int Wanted, int Weight, int Count)> groups)
    {
        double left = slots;
        double weight = groups.Sum(group => (double)group.Weight * group.Count);
        foreach (var (wanted, each, count) in groups.OrderBy(group => (double)group.Wanted / group.Weight))
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
