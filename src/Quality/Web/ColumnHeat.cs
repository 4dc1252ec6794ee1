using System.Globalization;
using DataPlatform.Quality.Profiles;
using DataPlatform.Web.Charts;

namespace DataPlatform.Quality.Web;

/// <summary>Columns by partitions, or by the times that a whole table was profiled; a colour for a measure of each.</summary>
internal static class ColumnHeat
{
    private const int ColumnsMax = 40;

    /// <summary>Percent of a median.</summary>
    internal static readonly double[] RelativeBounds = [25, 75, 90, 110, 150, 300];

    /// <summary>What can be compared, by the name in addresses.</summary>
    public static IReadOnlyList<(string Name, string Text)> Metrics { get; } = [("nulls", "share of NULL"), ("rows", "rows"), ("distinct", "different values"), ("mean", "mean")];

    public static string Render(IReadOnlyList<StoredProfile> partitions, string metric)
    {
        var names = partitions.SelectMany(p => p.Columns).Select(c => c.Name).Distinct(StringComparer.OrdinalIgnoreCase).Take(ColumnsMax).ToList();
        var values = names.Select(name => partitions.Select(p => p.Columns.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase)) is { } column ? ValueOf(column, metric) : null).ToList()).ToList();
        var isShare = metric is not ("rows" or "distinct" or "mean");
        var isByTime = partitions.All(p => p.Partition.Length == 0);
        return new HeatMap
        {
            Title = isByTime ? "A measure of columns over time" : "A measure of columns by partition",
            Unit = isShare ? "%" : "% of median",
            LabelWidth = 150,
            ColumnTitle = isByTime ? "profile" : "partition",
            Columns = [.. partitions.Select(p => isByTime ? p.At.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture) : Short(p.Partition))],
            Rows = names,
            Values = isShare ? values : [.. values.Select(Relative)],
            Bounds = isShare ? RuleHeat.Bounds : RelativeBounds,
        }.Render();
    }

    private static double? ValueOf(ColumnProfile column, string metric) => metric switch
    {
        "rows" => column.Rows,
        "distinct" => column.Distinct,
        "mean" => column.Mean,
        _ => column.NullShare * 100,
    };

    /// <summary>Amounts of different columns share a scale as shares of each column's median.</summary>
    internal static List<double?> Relative(List<double?> row)
    {
        var sorted = row.OfType<double>().Where(double.IsFinite).Order().ToList();
        var median = sorted.Count == 0 ? 0 : sorted[sorted.Count / 2];
        return median == 0 ? [.. row.Select(v => v is null ? (double?)null : v == 0 ? 100 : 1000)] : [.. row.Select(v => v / median * 100)];
    }

    internal static string Short(string partition)
    {
        var value = partition[(partition.LastIndexOf('=') + 1)..];
        return DateOnly.TryParse(value, CultureInfo.InvariantCulture, out var day) ? day.ToString("MM-dd", CultureInfo.InvariantCulture) : value;
    }
}
