using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Metrics;

/// <summary>Which metrics of a table can be put together from those of its parts, and how.</summary>
internal static class MetricParts
{
    /// <summary>The metric to measure of each part; or why there is none.</summary>
    public static (Metric? Part, string? Why) Of(Metric metric, TableShape shape, IMetricEngine engine)
    {
        var (part, why) = metric switch
        {
            RowCountMetric or ViolationMetric or KeyCountMetric or BinCountsMetric or ClassCountsMetric or MomentsMetric or NewestTimeMetric
                or ApproximateDistinctMetric => (metric, (string?)null),
            AggregateMetric { Function: AggregateFunction.Sum or AggregateFunction.Minimum or AggregateFunction.Maximum } => (metric, null),
            AggregateMetric { Function: AggregateFunction.Mean or AggregateFunction.StandardDeviation } m => (new MomentsMetric(m.Column, m.Filter), null),
            AggregateMetric { Function: AggregateFunction.Median } => (null, "an exact median of parts says nothing about the whole"),
            AggregateMetric => (null, "values may occur in several parts, so exact distinct counts do not add up"),
            DuplicateMetric => (null, "a key may repeat across parts, so exact uniqueness does not add up"),
            OrphanMetric or MissingKeyMetric or RelationMetric => (null, "another relation is looked into"),
            NumberSampleMetric => (null, "a sample is drawn from all rows"),
            _ => (null, "SQL of an author's own is not known to add up"),
        };
        return part is null || metric.Expressions.All(engine.IsRowLocal) ? (part, why) : (null, "its SQL looks further than the row");
    }

    /// <summary>The value of two parts together.</summary>
    public static object? Add(Metric part, object? first, object? second) => (part, first, second) switch
    {
        (_, null, _) => second,
        (_, _, null) => first,
        (ApproximateDistinctMetric, HyperLogLog a, HyperLogLog b) => Merged(a, b),
        (MomentsMetric, Moments a, Moments b) => a.Merge(b),
        (BinCountsMetric or ClassCountsMetric, IReadOnlyList<long> a, IReadOnlyList<long> b) => (IReadOnlyList<long>)[.. a.Zip(b, (x, y) => x + y)],
        (AggregateMetric { Function: AggregateFunction.Minimum }, _, _) => Compare(first, second) <= 0 ? first : second,
        (AggregateMetric { Function: AggregateFunction.Maximum } or NewestTimeMetric, _, _) => Compare(first, second) >= 0 ? first : second,
        (_, BigInteger a, BigInteger b) => a + b,
        (_, decimal a, decimal b) => Sum(a, b),
        _ => Number(first) + Number(second),
    };

    /// <summary>The metric's value from that of all parts.</summary>
    public static object? Finish(Metric metric, object? value) => (metric, value) switch
    {
        (AggregateMetric { Function: AggregateFunction.Mean }, Moments m) => m.Count == 0 ? null : m.Mean,
        (AggregateMetric { Function: AggregateFunction.StandardDeviation }, Moments m) => m.Count < 2 ? null : m.StandardDeviation,
        _ => value,
    };

    /// <summary>The value of no rows at all.</summary>
    public static object? Nothing(Metric part) => part switch
    {
        RowCountMetric or ViolationMetric or KeyCountMetric => BigInteger.Zero,
        BinCountsMetric m => (IReadOnlyList<long>)new long[m.Edges.Count + 1],
        ClassCountsMetric m => (IReadOnlyList<long>)new long[m.Classes.Count + 1],
        ApproximateDistinctMetric => new HyperLogLog(ApproximateDistinctMetric.Precision),
        MomentsMetric => Moments.Empty,
        _ => null,
    };

    // Whole numbers and decimals of one column stay exact; a column that was widened to floating point since is compared in it.
    private static int Compare(object first, object second) => (first, second) switch
    {
        (BigInteger a, BigInteger b) => a.CompareTo(b),
        (decimal a, decimal b) => a.CompareTo(b),
        _ => Number(first).CompareTo(Number(second)),
    };

    private static double Number(object value) => value is BigInteger whole ? (double)whole : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static object Sum(decimal first, decimal second)
    {
        try
        {
            return first + second;
        }
        catch (OverflowException e)
        {
            throw new MetricException("The sum of the parts has more digits than a decimal holds.", e);
        }
    }

    private static HyperLogLog Merged(HyperLogLog first, HyperLogLog second)
    {
        var merged = new HyperLogLog(ApproximateDistinctMetric.Precision);
        merged.Merge(first);
        merged.Merge(second);
        return merged;
    }
}
