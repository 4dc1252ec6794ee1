using System.Globalization;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Quality.Web;

/// <summary>A run of a suite as one HTML page that needs no other file.</summary>
public static class SuiteReport
{
    private const int SeriesMax = 5;
    private const int RunsMax = 45;
    private const int RulesMax = 60;

    /// <summary>Renders a run.</summary>
    /// <param name="result">The run.</param>
    /// <param name="history">Earlier runs of the suite, oldest first; each rule's outcomes and the violations over time are drawn from them.</param>
    /// <returns>A whole HTML document; every text in it is escaped.</returns>
    public static string Render(SuiteResult result, IReadOnlyList<SuiteResult>? history = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var page = new ReportPage
        {
            Title = $"Quality of {result.Table}",
            Lead = $"Suite {result.Suite} over {result.Version?.ToString() ?? result.Table}, {result.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, run {result.RunId}.",
        };
        page.Tiles(Figures(result));
        page.Section("Rules", Rules(result));
        foreach (var verdict in result.Verdicts.Where(v => v.Sample.Rows.Count > 0))
        {
            page.Section($"Rows against: {verdict.Rule}", Sample(verdict.Sample), verdict.Message);
        }

        if (history is { Count: > 1 })
        {
            page.Section("Rules by version", Heat(result, history), "The newest runs, oldest left; a colour for the share of rows that broke a rule. Rules that count no rows are 0 or 100.");
            page.Section("Violations over time", History(history), "The rules with the most violations in the newest run.");
        }

        return page.Render();
    }

    /// <summary>A run in figures, as a part of a page.</summary>
    internal static string Tiles(SuiteResult result) => ReportPage.TilesOf(Figures(result));

    /// <summary>What stops a gate first, then what else is wrong.</summary>
    internal static IEnumerable<Verdict> Ordered(SuiteResult result) => result.Verdicts.OrderBy(RuleState.RankOf);

    private static (string Value, string Caption, ChartTone? Tone)[] Figures(SuiteResult result) =>
    [
        (result.Passed ? "open" : "closed", "gate", result.Passed ? ChartTone.Good : ChartTone.Bad),
        (Count(result, Outcome.Pass), "rules hold", ChartTone.Good),
        (Count(result, Outcome.Fail), "rules fail", result.Blocking.Any() ? ChartTone.Bad : ChartTone.Warn),
        (Count(result, Outcome.Error), "could not be measured", null),
        (result.Queries.Total.ToString(CultureInfo.InvariantCulture), "queries", null),
        ($"{result.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms", "duration", null),
    ];

    private static string Count(SuiteResult result, Outcome outcome) => result.Verdicts.Count(v => v.Outcome == outcome).ToString(CultureInfo.InvariantCulture);

    private static string Rules(SuiteResult result) => new DataGrid
    {
        Headings = ["Outcome", "Severity", "Rule", "Seen", "#Violations", "#Rows", "Owner"],
        Rows = [.. Ordered(result).Select(v => (IReadOnlyList<GridCell>)
        [
            new GridCell(OutcomeLooks.Name(v.Outcome), OutcomeLooks.Tone(v.Severity, v.Outcome)), v.Severity.ToString(), v.Rule, v.Message,
            OutcomeLooks.Count(v.Violations), OutcomeLooks.Count(v.Evaluated), v.Owner ?? string.Empty,
        ])],
    }.Render();

    private static string Heat(SuiteResult result, IReadOnlyList<SuiteResult> history)
    {
        var runs = history.TakeLast(RunsMax).ToList();
        var rules = Ordered(result).Take(RulesMax).Select((verdict, number) => new RuleState(
            number, new RuleKey(result.Suite, verdict.RuleId), result.Table, verdict, result.RunId, result.Version, result.StartedAt, result.StartedAt)).ToList();
        var past = runs.SelectMany(run => run.Verdicts.Select(v => (v.RuleId, Past: new PastVerdict(
            run.RunId, run.StartedAt, run.Version, v.Severity, v.Outcome, v.Violations, v.Evaluated, v.Observed)))).ToLookup(v => v.RuleId, v => v.Past);
        return RuleHeat.Render(
            new ListedRules(rules, rules.ToDictionary(r => r.Number, r => (IReadOnlyList<PastVerdict>)[.. past[r.Verdict.RuleId]]), null),
            [.. runs.Select((run, i) => new RunSummary(i, run.RunId, run.Suite, run.Table, run.Version, run.StartedAt, run.Duration, default)).Reverse()]);
    }

    private static string Sample(RowSample sample) => new DataGrid
    {
        Headings = sample.Columns,
        Rows = [.. sample.Rows.Select(row => (IReadOnlyList<GridCell>)[.. row.Select(v => v is null ? new GridCell("NULL", ChartTone.Wait) : new GridCell(v))])],
    }.Render();

    private static string History(IReadOnlyList<SuiteResult> history)
    {
        var first = history[0].StartedAt;
        var shown = history[^1].Verdicts.Where(v => v.Violations > 0).OrderByDescending(v => v.Violations).Take(SeriesMax);
        return new LineChart
        {
            Title = "Violations",
            Unit = "rows",
            UnitX = "h",
            Series = [.. shown.Select(rule => new ChartSeries(rule.Rule, [.. history
                .SelectMany(run => run.Verdicts.Where(v => v.RuleId == rule.RuleId && v.Violations is not null)
                    .Select(v => new ChartPoint((run.StartedAt - first).TotalHours, v.Violations!.Value)))]))],
        }.Render();
    }
}
