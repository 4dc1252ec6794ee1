using System.Globalization;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Charts;

namespace DataPlatform.Quality.Web;

/// <summary>Rules by the versions of their table, a colour for the share of rows that broke each.</summary>
internal static class RuleHeat
{
    /// <summary>Percent of rows; what merely holds stays below the first.</summary>
    internal static readonly double[] Bounds = [1e-9, 0.1, 1, 5, 20, 50];

    /// <summary>The map.</summary>
    /// <param name="rules">The rules with their newest verdicts.</param>
    /// <param name="runs">The runs, newest first.</param>
    /// <param name="root">The address under which a cell finds its run; null for a page that leads nowhere.</param>
    public static string Render(ListedRules rules, IReadOnlyList<RunSummary> runs, string? root = null)
    {
        var columns = runs.Reverse().ToList();
        IReadOnlyList<string?> links = [.. columns.Select(run => root + Links.Run(run.RunId))];
        return new HeatMap
        {
            Title = "Violations by rule and version",
            Unit = "% of rows",
            LabelWidth = 190,
            ColumnTitle = ColumnTitle(columns),
            Columns = [.. columns.Select(LabelOf)],
            Rows = [.. rules.Rules.Select(rule => rule.Verdict.Rule)],
            Values = [.. rules.Rules.Select(rule => Row(rules.History.GetValueOrDefault(rule.Number, []), columns))],
            Links = root is null ? [] : [.. rules.Rules.Select(_ => links)],
            Bounds = Bounds,
        }.Render();
    }

    /// <summary>What the columns of a map by runs are.</summary>
    internal static string ColumnTitle(IReadOnlyList<RunSummary> runs) => runs.Any(run => run.Version is not null) ? "version" : "run";

    /// <summary>A run as the label of its column.</summary>
    internal static string LabelOf(RunSummary run) => run.Version is { } version
        ? version.Version.ToString(CultureInfo.InvariantCulture)
        : run.StartedAt.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static List<double?> Row(IReadOnlyList<PastVerdict> history, List<RunSummary> columns)
    {
        var byRun = history.GroupBy(v => v.RunId).ToDictionary(g => g.Key, g => g.Last());
        return [.. columns.Select(run => byRun.TryGetValue(run.RunId, out var verdict) ? ValueOf(verdict) : null)];
    }

    // A rule that counts no rows either holds or does not.
    private static double? ValueOf(PastVerdict verdict) => verdict.Outcome switch
    {
        Outcome.Pass => verdict.ViolationShare * 100 ?? 0,
        Outcome.Fail => verdict.ViolationShare * 100 ?? 100,
        _ => null,
    };
}
