using MathNet.Numerics.Distributions;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Pearson's chi-square test of homogeneity: whether two lists of counts come from one distribution.</summary>
public static class ChiSquareTest
{
    // Cochran's rule of thumb: below it the approximation is poor, so rare classes are counted together.
    private const double ExpectedMin = 5;

    /// <summary>Compares counts by class.</summary>
    /// <param name="first">Counts of the first sample by class.</param>
    /// <param name="second">Counts of the second.</param>
    /// <returns>The result; p is 1 when only one class is left after rare ones are pooled.</returns>
    public static DriftResult Test(IReadOnlyDictionary<string, long> first, IReadOnlyDictionary<string, long> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        double firstTotal = first.Values.Sum(), secondTotal = second.Values.Sum();
        if (firstTotal == 0 || secondTotal == 0)
        {
            throw new ArgumentException("A sample is empty; there is nothing to compare.");
        }

        var share = Math.Min(firstTotal, secondTotal) / (firstTotal + secondTotal);
        var all = first.Keys.Union(second.Keys).Select(k => (First: (double)first.GetValueOrDefault(k), Second: (double)second.GetValueOrDefault(k)))
            .ToLookup(c => (c.First + c.Second) * share >= ExpectedMin);
        List<(double First, double Second)> classes = [.. all[true]];
        if (all[false].Any())
        {
            classes.Add((all[false].Sum(c => c.First), all[false].Sum(c => c.Second)));
        }

        if (classes.Count < 2)
        {
            return new DriftResult(0, 1, 0);
        }

        var total = firstTotal + secondTotal;
        var statistic = classes.Sum(c => Term(c.First, (c.First + c.Second) * firstTotal / total) + Term(c.Second, (c.First + c.Second) * secondTotal / total));
        var p = 1 - ChiSquared.CDF(classes.Count - 1, statistic);
        return new DriftResult(statistic, p, Math.Sqrt(statistic / total));
    }

    private static double Term(double observed, double expected) => (observed - expected) * (observed - expected) / expected;
}
