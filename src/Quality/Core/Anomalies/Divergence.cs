namespace DataPlatform.Quality.Anomalies;

/// <summary>Measures of how far two distributions over the same bins lie apart. They are no tests: there is no p-value.</summary>
/// <remarks>An empty bin counts as half an observation, so that no measure is infinite; the rule is the same on both sides.</remarks>
public static class Divergence
{
    private const double EmptyBinCount = 0.5;

    /// <summary>The population stability index: below 0.1 stable, above 0.25 shifted, by convention.</summary>
    /// <param name="reference">Counts of the reference by bin.</param>
    /// <param name="current">Counts now, by the same bins.</param>
    public static DriftResult PopulationStability(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        var (p, q) = Shares(reference, current);
        return Measure(p.Zip(q, (a, b) => (b - a) * Math.Log(b / a)).Sum());
    }

    /// <summary>What a stability index of two samples of one distribution is on average: (B - 1)(1/N + 1/M). Smaller ones mean nothing.</summary>
    /// <param name="bins">Bins.</param>
    /// <param name="referenceCount">Size of the reference.</param>
    /// <param name="currentCount">Size now.</param>
    public static double StabilityNoise(int bins, long referenceCount, long currentCount)
        => (bins - 1) * ((1.0 / referenceCount) + (1.0 / currentCount));

    /// <summary>Kullback and Leibler's divergence of now from the reference, in nats.</summary>
    /// <param name="reference">Counts of the reference by bin.</param>
    /// <param name="current">Counts now, by the same bins.</param>
    public static DriftResult KullbackLeibler(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        var (p, q) = Shares(reference, current);
        return Measure(Relative(q, p));
    }

    /// <summary>Jensen and Shannon's divergence, in bits: symmetric, 0 for equal to 1 for disjoint.</summary>
    /// <param name="reference">Counts of the reference by bin.</param>
    /// <param name="current">Counts now, by the same bins.</param>
    public static DriftResult JensenShannon(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        var (p, q) = Shares(reference, current);
        double[] middle = [.. p.Zip(q, (a, b) => (a + b) / 2)];
        return Measure((Relative(p, middle) + Relative(q, middle)) / 2 / Math.Log(2));
    }

    private static DriftResult Measure(double value) => new(value, double.NaN, value);

    private static double Relative(double[] p, double[] q) => p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();

    private static (double[] Reference, double[] Current) Shares(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        if (reference.Count != current.Count || reference.Sum() == 0 || current.Sum() == 0)
        {
            throw new ArgumentException($"Two filled histograms over the same bins are needed; these have {reference.Count} and {current.Count} bins.");
        }

        return (Share(reference), Share(current));
    }

    private static double[] Share(IReadOnlyList<long> counts)
    {
        double[] filled = [.. counts.Select(c => c == 0 ? EmptyBinCount : c)];
        var total = filled.Sum();
        return [.. filled.Select(c => c / total)];
    }
}
