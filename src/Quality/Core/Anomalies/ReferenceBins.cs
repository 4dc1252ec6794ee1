namespace DataPlatform.Quality.Anomalies;

/// <summary>Bins cut at the quantiles of a reference; the outermost are open, so that no later value falls outside.</summary>
/// <param name="Edges">Inner edges, ascending; n edges make n + 1 bins.</param>
public sealed record ReferenceBins(IReadOnlyList<double> Edges)
{
    /// <summary>Cuts bins of about equal content. Equal quantiles give one edge, so there may be fewer.</summary>
    /// <param name="quantile">The reference's quantile by share, 0 to 1.</param>
    /// <param name="bins">Bins wanted, at least 2.</param>
    public static ReferenceBins Of(Func<double, double> quantile, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(quantile);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        return new ReferenceBins([.. Enumerable.Range(1, bins - 1).Select(i => quantile((double)i / bins)).Distinct().Order()]);
    }

    /// <summary>Counts values by bin; a value on an edge belongs to the bin below it.</summary>
    /// <param name="values">The values.</param>
    public IReadOnlyList<long> Count(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var counts = new long[Edges.Count + 1];
        double[] edges = [.. Edges];
        foreach (var value in values)
        {
            var at = Array.BinarySearch(edges, value);
            counts[at < 0 ? ~at : at]++;
        }

        return counts;
    }
}
