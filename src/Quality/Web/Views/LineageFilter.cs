using System.Globalization;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Web.Views;

/// <summary>What of the lineage an address asks for.</summary>
/// <param name="Dataset">The dataset; empty for none yet.</param>
/// <param name="Column">The column; <c>*</c> for the whole dataset.</param>
/// <param name="Depth">Edges from the start, 1 to 5.</param>
/// <param name="Direct">Whether only edges that values flow over are followed.</param>
/// <param name="Tables">Whether whole datasets are drawn and not their columns.</param>
/// <param name="Expand">More columns whose neighbours are shown, each as <c>dataset|column</c>.</param>
public sealed record LineageFilter(string Dataset, string Column, int Depth, bool Direct, bool Tables, IReadOnlyList<string> Expand)
{
    private const int DepthMax = 5;
    private const int ExpandMax = 30;

    /// <summary>The start.</summary>
    public ColumnId Start => new(Dataset, Column);

    /// <summary>The columns whose neighbours are shown too.</summary>
    public IEnumerable<ColumnId> Expanded => Expand.Select(text => text.Split('|', 2)).Where(parts => parts.Length == 2).Select(parts => new ColumnId(parts[0], parts[1]));

    internal static LineageFilter Of(string? dataset, string? column, int? depth, string? direct, string? level, string[]? expand)
    {
        var start = RuleFilter.Given(column) ?? ColumnId.Star;
        return new LineageFilter(
            RuleFilter.Given(dataset) ?? string.Empty, start, Math.Clamp(depth ?? 2, 1, DepthMax), direct == "1",
            level is null ? start == ColumnId.Star : level == "tables", [.. (expand ?? []).Take(ExpandMax)]);
    }

    /// <summary>The address of the same with other settings.</summary>
    /// <param name="depth">Another depth.</param>
    /// <param name="direct">Other edges.</param>
    /// <param name="tables">Another level.</param>
    /// <param name="more">A column to expand besides.</param>
    public string Link(int? depth = null, bool? direct = null, bool? tables = null, ColumnId? more = null) => Links.With(
        "lineage",
        [
            ("dataset", Dataset), ("column", Column), ("depth", (depth ?? Depth).ToString(CultureInfo.InvariantCulture)), ("direct", (direct ?? Direct) ? "1" : null),
            ("level", (tables ?? Tables) ? "tables" : "columns"),
            .. (more is { } one ? Expand.Append($"{one.Dataset}|{one.Column}").Distinct() : Expand).Select(e => ("expand", (string?)e)),
        ]);
}
