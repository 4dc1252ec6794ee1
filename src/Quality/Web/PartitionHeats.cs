using System.Globalization;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Charts;

namespace DataPlatform.Quality.Web;

/// <summary>Rules by partitions, and partitions by versions; a cell leads to what the rule is in the partition.</summary>
internal static class PartitionHeats
{
    private const int LabelWidth = 190;

    /// <summary>Rules that a partition holds or breaks, a colour for the share of its rows that break one.</summary>
    public static string Judged(RulePartitions shown, string root)
        => Map(shown, shown.Judged, root, "Violations by rule and partition", "% of rows", RuleHeat.Bounds, cells => [.. cells.Select(ShareOf)]);

    /// <summary>Rules that a partition has a value of, as shares of each rule's median.</summary>
    public static string Measured(RulePartitions shown, string root) => Map(
        shown, shown.Measured, root, "Values by rule and partition", "% of median", ColumnHeat.RelativeBounds, cells => ColumnHeat.Relative([.. cells.Select(ValueOf)]));

    /// <summary>Partitions by the versions of their table, for one rule.</summary>
    public static string Versions(PartitionVersions shown, string root) => new HeatMap
    {
        Title = $"{shown.Rule.Verdict.Rule}: violations by partition and version",
        Unit = "% of rows",
        LabelWidth = LabelWidth,
        ColumnTitle = RuleHeat.ColumnTitle(shown.Runs),
        Columns = [.. shown.Runs.Select(RuleHeat.LabelOf)],
        Rows = shown.Partitions,
        Values = [.. shown.Cells.Select(row => (IReadOnlyList<double?>)[.. row.Select(ShareOf)])],
        Links = [.. shown.Cells.Select(row => (IReadOnlyList<string?>)[.. row.Select(cell => cell is null ? null : root + Links.Partition(shown.Rule.Key, cell.Verdict.Partition))])],
        Bounds = RuleHeat.Bounds,
    }.Render();

    private static string Map(
        RulePartitions shown, IReadOnlyList<RuleState> rules, string root, string title, string unit, IReadOnlyList<double> bounds, Func<List<RulePartition?>, List<double?>> values)
        => new HeatMap
        {
            Title = title,
            Unit = unit,
            LabelWidth = LabelWidth,
            ColumnTitle = "partition",
            Columns = [.. shown.Partitions.Select(ColumnHeat.Short)],
            Rows = [.. rules.Select(r => r.Verdict.Rule)],
            Values = [.. rules.Select(rule => values(Row(shown, rule)))],
            Links = [.. rules.Select(rule => (IReadOnlyList<string?>)[.. Row(shown, rule).Select(cell => cell is null ? null : root + Links.Partition(rule.Key, cell.Verdict.Partition))])],
            Bounds = bounds,
        }.Render();

    private static List<RulePartition?> Row(RulePartitions shown, RuleState rule) => [.. shown.Partitions.Select(p => shown.Cells.GetValueOrDefault((rule.Number, p)))];

    private static double? ShareOf(RulePartition? cell) => cell?.Verdict.Outcome switch
    {
        Outcome.Pass => cell.Verdict.ViolationShare * 100 ?? 0,
        Outcome.Fail => cell.Verdict.ViolationShare * 100 ?? 100,
        _ => null,
    };

    private static double? ValueOf(RulePartition? cell)
        => double.TryParse(cell?.Verdict.Observed, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
