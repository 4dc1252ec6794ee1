namespace DataPlatform.Quality.Metrics;

/// <summary>Packs metrics into as few queries as possible.</summary>
internal static class MetricPlanner
{
    /// <summary>
    /// One scan for all simple metrics (more when there are more than <paramref name="scanExpressionsMax"/>), one query per key to group by,
    /// one per pair of keys to compare, one per SELECT of an author.
    /// </summary>
    /// <param name="metrics">The metrics; equal ones are computed once.</param>
    /// <param name="alone">Keys of metrics that failed before among others: each gets a query of its own, so the rest is spared the halving.</param>
    /// <param name="scanExpressionsMax">Metrics in one scan.</param>
    public static IReadOnlyList<MetricQuery> Plan(IEnumerable<Metric> metrics, IReadOnlySet<string> alone, int scanExpressionsMax)
    {
        List<MetricQuery> queries = [];
        var groups = metrics
            .DistinctBy(m => m.Key)
            .GroupBy(m => (m.Shape, m.QueryKey, Alone: alone.Contains(m.Key) ? m.Key : null))
            .OrderBy(g => g.Key.Shape);
        foreach (var group in groups)
        {
            queries.AddRange(group.Chunk(scanExpressionsMax).Select(chunk => new MetricQuery(group.Key.Shape, chunk)));
        }

        return queries;
    }
}
