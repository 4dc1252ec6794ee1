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
    /// A task that takes more slots than its scheduler's part could never start if the parts were kept to: of the schedulers with such a task
    /// the one that has waited longest gets enough for it.
    /// </remarks>
    public static IReadOnlyList<int> Of(int slots, IReadOnlyList<PoolClaim> claims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        ArgumentNullException.ThrowIfNull(claims);
        var fair = Deal(slots, [.. claims.Select(claim => claim.Wanted)]);
        var starving = Enumerable.Range(0, claims.Count).Where(i => claims[i].AtOnce > fair[i] && claims[i].AtOnce <= slots)
            .OrderBy(i => claims[i].WaitingSince).ThenBy(i => claims[i].Term).ToList();
        if (starving.Count > 0)
        {
            var first = starving[0];
            var rest = Deal(slots - claims[first].AtOnce, [.. claims.Select((claim, i) => i == first ? 0 : claim.Wanted)]);
            fair = [.. rest.Select((part, i) => i == first ? claims[first].AtOnce : part)];
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
