using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.DuckDb;

/// <summary>
/// Ranges over one column and one filter, counted by one histogram over the places where they begin and end: a row is looked at once, whatever the
/// number of ranges.
/// </summary>
internal sealed class RangeBins
{
    private readonly TableColumn _column;
    private readonly string? _filter;
    private readonly SortedList<long, string> _cuts = [];
    private readonly List<(RangeCut? Below, RangeCut? Last)> _ranges = [];

    private RangeBins(TableColumn column, string? filter) => (_column, _filter) = (column, filter);

    /// <summary>Takes those of some metrics together that a histogram counts cheaper than conditions do.</summary>
    /// <param name="metrics">The metrics of one scan.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <returns>The bins by metric, and which range of the bins a metric is.</returns>
    public static IReadOnlyDictionary<Metric, (RangeBins Bins, int Range)> Of(IReadOnlyList<Metric> metrics, TableShape shape)
    {
        Dictionary<Metric, (RangeBins, int)> found = new(ReferenceEqualityComparer.Instance);
        var columns = metrics
            .OfType<ViolationMetric>()
            .Where(m => m.Condition is RangeCondition)
            .GroupBy(m => (Column: shape.Find(m.Condition.Columns[0])!, m.Filter));
        foreach (var group in metrics.Count > 1 ? columns : [])
        {
            var bins = new RangeBins(group.Key.Column, group.Key.Filter);
            List<ViolationMetric> counted = [.. group.Where(m => bins.TryAdd((RangeCondition)m.Condition))];
            if (counted.Count >= RangesMin(group.Key.Column))
            {
                for (var i = 0; i < counted.Count; i++)
                {
                    found[counted[i]] = (bins, i);
                }
            }
        }

        return found;
    }

    /// <summary>How often values fall between two cuts, in their order, and above the last one; NULL when there is no value.</summary>
    public string Sql => $"map_values(histogram({Widest}, [{string.Join(", ", _cuts.Values)}]::{Type}[]){Where})";

    /// <summary>How many values are NaN; null where no range needs it.</summary>
    public string? NotNumbersSql => _column.Family == ColumnFamily.Float && _ranges.Any(r => r.Below is null) ? $"count_if(isnan({Column})){Where}" : null;

    /// <summary>The values outside of a range.</summary>
    /// <param name="range">Which range.</param>
    /// <param name="counts">What <see cref="Sql"/> gave.</param>
    /// <param name="notNumbers">What <see cref="NotNumbersSql"/> gave.</param>
    public long Violations(int range, IReadOnlyList<long> counts, long notNumbers)
    {
        // NaN is counted with the smallest values, which lie below every range that has a lower limit and is added to the others.
        var (below, last) = _ranges[range];
        var low = below is { } b ? counts.Take(_cuts.IndexOfKey(b.Order) + 1).Sum() : notNumbers;
        return low + (last is { } l ? counts.Skip(_cuts.IndexOfKey(l.Order) + 1).Sum() : 0);
    }

    private string Column => SqlText.Identifier(_column.Name);

    // A float is a double too, and a limit between two floats is none.
    private string Type => _column.Family == ColumnFamily.Float ? "DOUBLE" : SqlTypes.Normalize(_column.Type);

    private string Widest => SqlTypes.Normalize(_column.Type) == Type ? Column : $"CAST({Column} AS {Type})";

    private string Where => SqlText.Closed(_filter) is { } rows ? $" FILTER (WHERE {rows})" : string.Empty;

    // Comparing floating point minds NaN and costs several times what whole numbers cost; there a histogram is cheaper from the first range on.
    private static int RangesMin(TableColumn column) => column.Family == ColumnFamily.Float ? 1 : 4;

    private bool TryAdd(RangeCondition range)
    {
        if (!RangeCut.TryOf(range, _column, out var below, out var last) || (below is null && last is null))
        {
            return false;
        }

        foreach (var cut in new[] { below, last })
        {
            if (cut is { } at)
            {
                _cuts.TryAdd(at.Order, at.Literal);
            }
        }

        _ranges.Add((below, last));
        return true;
    }
}
