namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Weighted max-min shares of one amount among siblings.</summary>
/// <remarks>
/// There is one ratio R with share = clamp(R x weight, min, cap) for all, and the sum of shares is the smaller of the total and the sum of
/// caps.
/// The sum is piecewise linear in R with a knee where a claim leaves its minimum (min/weight) and one where it meets its cap (cap/weight),
/// so
/// sorting these 2n knees and walking them gives R exactly, without searching. Minimums above the total are kept: shares are entitlements
/// and
/// may then exceed the total; allocations never do.
/// </remarks>
public static class FairShares
{
    /// <summary>Fills <paramref name="shares"/> with the share of each claim.</summary>
    /// <param name="total">What there is to share.</param>
    /// <param name="claims">The siblings.</param>
    /// <param name="shares">One place per claim.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Fill(double total, ReadOnlySpan<FairShareClaim> claims, Span<double> shares)
    {
        if (claims.Length != shares.Length)
        {
            throw new ArgumentException($"There are {claims.Length} claims but room for {shares.Length} shares.", nameof(shares));
        }

        var ratio = Ratio(total, claims);
        for (var i = 0; i < claims.Length; i++)
        {
            shares[i] = Clamp(claims[i], ratio);
        }
    }

    private static double Clamp(in FairShareClaim claim, double ratio)
    {
        var weighted = claim.Weight <= 0 ? 0 : double.IsPositiveInfinity(ratio) ? claim.Cap : ratio * claim.Weight;
        return Math.Min(Math.Max(weighted, claim.Min), claim.Cap);
    }

    private static double Ratio(double total, ReadOnlySpan<FairShareClaim> claims)
    {
        var knees = new List<(double Ratio, double Weight)>(claims.Length * 2);
        var filled = 0.0;
        foreach (var claim in claims)
        {
            var min = Math.Min(claim.Min, claim.Cap);
            filled += min;
            if (claim.Weight > 0 && claim.Cap > min)
            {
                knees.Add((min / claim.Weight, claim.Weight));
                if (!double.IsPositiveInfinity(claim.Cap))
                {
                    knees.Add((claim.Cap / claim.Weight, -claim.Weight));
                }
            }
        }

        knees.Sort(static (left, right) => left.Ratio.CompareTo(right.Ratio));
        return Walk(total - filled, knees);
    }

    /// <summary>Raises R from knee to knee while the siblings that grow there together take less than what is left.</summary>
    private static double Walk(double left, List<(double Ratio, double Weight)> knees)
    {
        var (ratio, growing) = (0.0, 0.0);
        foreach (var knee in knees)
        {
            var needed = growing * (knee.Ratio - ratio);
            if (needed >= left)
            {
                break;
            }

            left -= needed;
            ratio = knee.Ratio;
            growing += knee.Weight;
        }

        // The last knee takes the weights back to zero only up to rounding, so "nobody grows" is told by everyone being capped.
        return left <= 0 ? ratio : growing > 1e-12 ? ratio + (left / growing) : double.PositiveInfinity;
    }
}
