namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Turns exact shares into whole units without losing any in sum.</summary>
public static class LargestRemainder
{
    // Shares are sums and quotients of doubles; what is this close below a whole number is that number.
    private const double Slack = 1e-6;

    /// <summary>Rounds down, then hands what is left of the rounded-down sum to the largest fractions; ties go to the earlier
    /// place.</summary>
    /// <param name="shares">Exact shares, none negative.</param>
    /// <returns>Whole shares whose sum is the sum of <paramref name="shares"/>, rounded down.</returns>
    public static long[] Round(ReadOnlySpan<double> shares)
    {
        var whole = new long[shares.Length];
        var fractions = new (double Fraction, int Place)[shares.Length];
        var sum = 0.0;
        var given = 0L;
        for (var i = 0; i < shares.Length; i++)
        {
            whole[i] = (long)Math.Floor(shares[i] + Slack);
            fractions[i] = (shares[i] - whole[i], i);
            sum += shares[i];
            given += whole[i];
        }

        Array.Sort(fractions, static (left, right) => left.Fraction != right.Fraction ? right.Fraction.CompareTo(left.Fraction)
            : left.Place.CompareTo(right.Place));
        var left = (long)Math.Floor(sum + Slack) - given;
        for (var i = 0; i < left && i < fractions.Length; i++)
        {
            whole[fractions[i].Place]++;
        }

        return whole;
    }
}
