using System.Numerics;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.DuckDb;

/// <summary>All simple metrics side by side in one pass: what is selected, and how each metric is read off the one row that comes.</summary>
internal sealed class ScanQuery
{
    private readonly List<string> _selected = [];
    private readonly Func<object?[], object?>[] _readings;

    /// <summary>Plans a pass.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="shape">The relation's columns.</param>
    /// <param name="target">The relation, or a number of rows drawn from it: each on its own, since neighbours are alike.</param>
    public ScanQuery(IReadOnlyList<Metric> metrics, TableShape shape, QualityTarget target)
    {
        var ranges = RangeBins.Of(metrics, shape);
        var counted = ranges.Values.Select(r => r.Bins).Distinct().ToDictionary(b => b, b => (Counts: Select(b.Sql), NotNumbers: b.NotNumbersSql is { } sql ? Select(sql) : -1));
        _readings = [.. metrics.Select(m => ranges.TryGetValue(m, out var range) ? InBins(range, counted[range.Bins]) : Alone(m, shape))];
        Sql = $"SELECT {string.Join(",\n  ", _selected.Select((s, i) => $"{s} AS m{i}"))}\nFROM {MetricSql.From(target)}";
    }

    /// <summary>The query.</summary>
    public string Sql { get; }

    /// <summary>A value per metric.</summary>
    /// <exception cref="MetricException">An author's expression gave more columns than one.</exception>
    public IReadOnlyList<object?> Read(object?[] row)
    {
        MetricReading.Whole(row, _selected.Count);
        return [.. _readings.Select(read => read(row))];
    }

    private Func<object?[], object?> Alone(Metric metric, TableShape shape)
    {
        var at = Select(MetricSql.Expression(metric, shape));
        return row => MetricReading.Of(metric, row[at]);
    }

    private static Func<object?[], object?> InBins((RangeBins Bins, int Range) range, (int Counts, int NotNumbers) at) => row =>
    {
        var counts = MetricReading.Numbers(row[at.Counts]);
        var notNumbers = at.NotNumbers < 0 ? 0 : MetricReading.Number(row[at.NotNumbers]);
        return new BigInteger(range.Bins.Violations(range.Range, counts, notNumbers));
    };

    private int Select(string sql)
    {
        _selected.Add(sql);
        return _selected.Count - 1;
    }
}
