namespace DataPlatform.Orchestrator.Metadata;

/// <summary>How the slots of a pool are shared between schedulers. Pure.</summary>
public static class PoolShares
{
    /// <summary>Each scheduler gets what it wants as long as all of that fits; else equal parts, where what one does not want goes to the
    /// others. What nobody wants is dealt out too, so that a scheduler can start tasks without asking first.</summary>
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
        var fair = Deal(slots, [.. claims.Select(claim => claim.Wanted)]);
        var waiting = Enumerable.Range(0, claims.Count).Where(i => claims[i].WaitingSince is not null && claims[i].AtOnce <= slots)
            .OrderBy(i => claims[i].WaitingSince).ThenBy(i => claims[i].Term).ToList();
        if (waiting.Count > 0)
        {
            var first = waiting[0];
            var enough = Math.Max(claims[first].AtOnce, fair[first]);
            var rest = Deal(slots - enough, [.. claims.Select((claim, i) => i == first ? 0 : claim.Wanted)]);
            fair = [.. rest.Select((part, i) => i == first ? enough : part)];
        }

        var wanted = fair.Sum();
        return claims.Count == 0 ? fair : [.. fair.Select((part, i) => part + Part(slots - wanted, claims.Count, i))];
    }

    /// <summary>Max-min fair parts of the slots.</summary>
    private static int[] Deal(int slots, int[] wanted)
    {
        var parts = new int[wanted.Length];
        var open = Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i]).ToList();
        for (var i = 0; i < open.Count; i++)
        {
            parts[open[i]] = Math.Min(wanted[open[i]], slots / (open.Count - i));
            slots -= parts[open[i]];
        }

        return parts;
    }

    /// <summary>Equal parts; the first ones get what does not divide.</summary>
    private static int Part(int left, int count, int index) => (left / count) + (index < left % count ? 1 : 0);
}
