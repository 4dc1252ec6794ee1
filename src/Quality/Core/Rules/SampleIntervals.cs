using MathNet.Numerics.Distributions;

namespace DataPlatform.Quality.Rules;

/// <summary>Intervals that hold a table's number with a confidence, from a sample of its rows.</summary>
internal static class SampleIntervals
{
    /// <summary>Wilson's score interval of a share (1927): right also for shares near 0 and 1, where the usual one has no width.</summary>
    public static (double Low, double High) Share(long hits, long rows, double confidence)
    {
        var z = Z(confidence);
        var (n, p) = ((double)rows, (double)hits / rows);
        var scale = 1 + (z * z / n);
        var centre = (p + (z * z / (2 * n))) / scale;
        var half = z / scale * Math.Sqrt((p * (1 - p) / n) + (z * z / (4 * n * n)));
        return (hits == 0 ? 0 : Math.Max(0, centre - half), hits == rows ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>Student's interval of a mean.</summary>
    /// <param name="values">Numbers drawn, at least two.</param>
    /// <param name="confidence">The confidence.</param>
    public static (double Low, double High) Mean(IReadOnlyList<double> values, double confidence)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        var half = StudentT.InvCDF(0, 1, values.Count - 1, 1 - ((1 - confidence) / 2)) * deviation / Math.Sqrt(values.Count);
        return (mean - half, mean + half);
    }

    /// <summary>The interval of a quantile between two order statistics: whatever the distribution, how many of the drawn lie below is binomial.</summary>
    /// <param name="values">Numbers drawn, at least one.</param>
    /// <param name="share">The quantile, between 0 and 1.</param>
    /// <param name="confidence">The confidence.</param>
    public static (double Low, double High) Quantile(IReadOnlyList<double> values, double share, double confidence)
    {
        double[] sorted = [.. values.Order()];
        var half = Z(confidence) * Math.Sqrt(sorted.Length * share * (1 - share));
        var low = (int)Math.Floor((sorted.Length * share) - half) - 1;
        var high = (int)Math.Ceiling((sorted.Length * share) + half);
        return (low < 0 ? double.NegativeInfinity : sorted[low], high >= sorted.Length ? double.PositiveInfinity : sorted[high]);
    }

    private static double Z(double confidence) => Normal.InvCDF(0, 1, 1 - ((1 - confidence) / 2));
}
