namespace DataPlatform.Quality.Anomalies;

/// <summary>The two-sample Kolmogorov-Smirnov test, two-sided.</summary>
/// <remarks>
/// The p-value is exact, given the ties, while the product of the sizes is at most <see cref="ExactMax"/>; beyond it is Kolmogorov's limit
/// with Stephens' correction for the size. Samples hold no NaN.
/// </remarks>
public static class KolmogorovSmirnov
{
    /// <summary>The largest product of sample sizes for which the p-value is exact.</summary>
    public const long ExactMax = 10_000;

    private const double SeriesEnd = 1e-12;

    /// <summary>Compares two samples.</summary>
    /// <param name="first">The first, in any order; not empty.</param>
    /// <param name="second">The second, in any order; not empty.</param>
    public static DriftResult Test(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count == 0 || second.Count == 0)
        {
            throw new ArgumentException("A sample is empty; there is nothing to compare.");
        }

        var pooled = first.Select(v => (Value: v, IsFirst: true)).Concat(second.Select(v => (Value: v, IsFirst: false))).OrderBy(v => v.Value).ToList();
        var distance = Distance(pooled, first.Count, second.Count);
        var p = (long)first.Count * second.Count <= ExactMax
            ? Exact(pooled, first.Count, second.Count, distance)
            : Asymptotic(first.Count, second.Count, distance);
        return new DriftResult(distance, p, distance);
    }

    /// <summary>D is read only after the last of equal values: in between, the order of ties would make a distance that is not there.</summary>
    private static double Distance(List<(double Value, bool IsFirst)> pooled, int n, int m)
    {
        long greatest = 0;
        long i = 0, j = 0;
        for (var at = 0; at < pooled.Count; at++)
        {
            i += pooled[at].IsFirst ? 1 : 0;
            j += pooled[at].IsFirst ? 0 : 1;
            if (EndsTie(pooled, at))
            {
                greatest = Math.Max(greatest, Math.Abs((i * m) - (j * n)));
            }
        }

        return greatest / ((double)n * m);
    }

    private static bool EndsTie(List<(double Value, bool IsFirst)> pooled, int at) => at + 1 == pooled.Count || pooled[at + 1].Value != pooled[at].Value;

    /// <summary>
    /// The share of all ways to deal the pooled values to the two samples whose distance is at least the one seen: lattice paths that leave
    /// the band, looked at only where a tie ends.
    /// </summary>
    private static double Exact(List<(double Value, bool IsFirst)> pooled, int n, int m, double distance)
    {
        var limit = (long)Math.Round(distance * n * m);
        var ends = pooled.Select((_, at) => EndsTie(pooled, at)).ToArray();

        // inside[j]: the chance that a path came to (i, j) without having left the band. Going step by step keeps numbers near 1.
        var inside = new double[m + 1];
        for (var i = 0; i <= n; i++)
        {
            for (var j = 0; j <= m; j++)
            {
                if (i + j == 0)
                {
                    inside[0] = 1;
                    continue;
                }

                var left = n + m - (i + j) + 1;
                var fromAbove = i == 0 ? 0 : inside[j] * (n - i + 1) / left;
                var fromLeft = j == 0 ? 0 : inside[j - 1] * (m - j + 1) / left;
                var isOut = ends[i + j - 1] && Math.Abs(((long)i * m) - ((long)j * n)) >= limit;
                inside[j] = isOut ? 0 : fromAbove + fromLeft;
            }
        }

        return limit == 0 ? 1 : Math.Clamp(1 - inside[m], 0, 1);
    }

    private static double Asymptotic(int n, int m, double distance)
    {
        var size = Math.Sqrt((double)n * m / (n + m));
        var lambda = (size + 0.12 + (0.11 / size)) * distance;
        double sum = 0;
        for (var k = 1; k <= 100; k++)
        {
            var term = Math.Exp(-2 * k * k * lambda * lambda);
            sum += k % 2 == 1 ? term : -term;
            if (term < SeriesEnd)
            {
                break;
            }
        }

        return lambda < 0.2 ? 1 : Math.Clamp(2 * sum, 0, 1);
    }
}
