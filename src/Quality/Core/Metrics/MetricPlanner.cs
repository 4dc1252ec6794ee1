using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>Packs metrics into as few queries as possible.</summary>
internal static class MetricPlanner
{
    // Two aggregates answer for all ranges of a column; below three ranges counting costs no more.
    private const int RangesMin = 3;

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

    /// <summary>Asks for a column's bounds in place of several counts over it, where bounds may settle them.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="counted">Keys of metrics whose rows had to be counted before: they are counted at once.</param>
    public static IEnumerable<Metric> WithBounds(IEnumerable<Metric> metrics, TableShape shape, IReadOnlySet<string> counted)
        => metrics.DistinctBy(m => m.Key)
            .GroupBy(m => IsBounded(m, shape, counted) ? (((ViolationMetric)m).Condition.Columns[0].ToUpperInvariant(), m.Filter) : default)
            .SelectMany(IEnumerable<Metric> (g) => g.Key == default || g.Count() < RangesMin ? g : g.Select(m => AsBounds((ViolationMetric)m)));

    /// <summary>What bounds may settle that are told without a row being read: of all rows, since nobody tells those of some.</summary>
    public static IReadOnlyList<RangeBoundsMetric> Told(IEnumerable<Metric> metrics, TableShape shape, IReadOnlySet<string> counted)
        => [.. metrics.Where(m => m.Filter is null && IsBounded(m, shape, counted)).DistinctBy(m => m.Key).Select(m => AsBounds((ViolationMetric)m) with { IsTold = true })];

    private static bool IsBounded(Metric metric, TableShape shape, IReadOnlySet<string> counted)
        => metric is ViolationMetric { Condition: RangeCondition range } && HasBounds(shape, range) && !counted.Contains(metric.Key);

    // Comparing texts costs as much as counting them; bounds of floating point come from footers, which are silent about NaN; the others have no order.
    private static bool HasBounds(TableShape shape, RangeCondition range) => shape.Find(range.Column)?.Family
        is ColumnFamily.Integer or ColumnFamily.Decimal or ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant;

    private static RangeBoundsMetric AsBounds(ViolationMetric metric) => new((RangeCondition)metric.Condition, metric.Filter);
}
