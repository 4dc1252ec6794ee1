using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Anomalies;

/// <summary>How far the columns of a table have drifted between two states: of two partitions, or of a new one and all before it.</summary>
public static class TableDrift
{
    private const int Bins = 10;

    /// <summary>
    /// Compares columns that both states have. Numbers and times by counts in the reference's tenths, texts by frequent values; chi-square for a
    /// p-value, its effect for the size, and all p-values of the table adjusted as one family.
    /// </summary>
    /// <param name="before">The reference.</param>
    /// <param name="now">What is held against it.</param>
    /// <param name="limits">From where on a column has changed; the defaults when null.</param>
    /// <returns>A result per column with values enough on both sides, in the order of <paramref name="now"/>.</returns>
    /// <remarks>
    /// Counts of bins come from sketches, whose rank error of <see cref="QuantileSketch.RankError"/> is far below the least effect that counts by
    /// default; texts are left out when there are too many different ones to count them exactly.
    /// </remarks>
    public static IReadOnlyList<ColumnDrift> Compare(PartitionState before, PartitionState now, DistributionLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);
        limits ??= new DistributionLimits();
        List<(string Column, DriftResult Result, double Index)> tests = [];
        foreach (var column in now.Columns)
        {
            var reference = before.Columns.FirstOrDefault(c => string.Equals(c.Name, column.Name, StringComparison.OrdinalIgnoreCase));
            if (reference is not null && Counts(reference, column) is { } counts && counts.Before.Sum() >= limits.ValuesMin && counts.Now.Sum() >= limits.ValuesMin)
            {
                tests.Add((column.Name, ChiSquareTest.Test(ByClass(counts.Before), ByClass(counts.Now)), Divergence.PopulationStability(counts.Before, counts.Now).Statistic));
            }
        }

        var adjusted = FalseDiscovery.Adjust([.. tests.Select(t => t.Result.PValue)]);
        return
        [
            .. tests.Zip(adjusted, (t, p) => new ColumnDrift(
                t.Column, t.Result, p, t.Index, p <= limits.Significance && t.Result.EffectSize >= limits.EffectMin)),
        ];
    }

    private static (IReadOnlyList<long> Before, IReadOnlyList<long> Now)? Counts(ColumnState before, ColumnState now)
    {
        if (before.Family != now.Family || before.Moments.Count == 0 || now.Moments.Count == 0)
        {
            return null;
        }

        if (before.Family is ColumnFamily.Text or ColumnFamily.Boolean)
        {
            return before.Top.ErrorMax > 0 || now.Top.ErrorMax > 0 ? null : Classes(before.Top, now.Top);
        }

        var bins = ReferenceBins.Of(before.Quantiles.Quantile, Bins);
        return (Binned(bins, before.Quantiles), Binned(bins, now.Quantiles));
    }

    private static (IReadOnlyList<long> Before, IReadOnlyList<long> Now) Classes(TopValues before, TopValues now)
    {
        var classes = before.Counts.Keys.Union(now.Counts.Keys).Order(StringComparer.Ordinal).ToList();
        return ([.. classes.Select(c => before.Counts.GetValueOrDefault(c))], [.. classes.Select(c => now.Counts.GetValueOrDefault(c))]);
    }

    private static long[] Binned(ReferenceBins bins, QuantileSketch sketch)
    {
        var counts = new long[bins.Edges.Count + 1];
        double[] edges = [.. bins.Edges];
        foreach (var (value, weight) in sketch.Weighted())
        {
            var at = Array.BinarySearch(edges, value);
            counts[at < 0 ? ~at : at] += weight;
        }

        return counts;
    }

    private static Dictionary<string, long> ByClass(IReadOnlyList<long> counts)
        => counts.Select((count, i) => (Class: i.ToString(System.Globalization.CultureInfo.InvariantCulture), count)).ToDictionary(c => c.Class, c => c.count);
}

/// <summary>How far a column has drifted.</summary>
/// <param name="Column">The column.</param>
/// <param name="Result">Chi-square over bins or classes.</param>
/// <param name="AdjustedPValue">The p-value beside those of the table's other columns (Benjamini and Hochberg).</param>
/// <param name="StabilityIndex">The population stability index over the same bins.</param>
/// <param name="IsDrift">Whether it is significant and large enough.</param>
public sealed record ColumnDrift(string Column, DriftResult Result, double AdjustedPValue, double StabilityIndex, bool IsDrift);
