using System.Globalization;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Quality.Web;

/// <summary>A run of a suite as one HTML page that needs no other file.</summary>
public static class SuiteReport
{
    private const int SeriesMax = 5;

    /// <summary>Renders a run.</summary>
    /// <param name="result">The run.</param>
    /// <param name="history">Earlier runs of the suite, oldest first; their violations are drawn over time.</param>
    /// <returns>A whole HTML document; every text in it is escaped.</returns>
    public static string Render(SuiteResult result, IReadOnlyList<SuiteResult>? history = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var page = new ReportPage
        {
            Title = $"Quality of {result.Table}",
            Lead = $"Suite {result.Suite} over {result.Version?.ToString() ?? result.Table}, {result.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, run {result.RunId}.",
        };
        page.Tiles(
            (result.Passed ? "open" : "closed", "gate", result.Passed ? ChartTone.Good : ChartTone.Bad),
            (Count(result, Outcome.Pass), "rules hold", ChartTone.Good),
            (Count(result, Outcome.Fail), "rules fail", result.Blocking.Any() ? ChartTone.Bad : ChartTone.Warn),
            (Count(result, Outcome.Error), "could not be measured", null),
            (result.Queries.Total.ToString(CultureInfo.InvariantCulture), "queries", null),
            ($"{result.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms", "duration", null));
        page.Section("Rules", Rules(result));
        foreach (var verdict in result.Verdicts.Where(v => v.Sample.Rows.Count > 0))
        {
            page.Section($"Rows against: {verdict.Rule}", Sample(verdict.Sample), verdict.Message);
        }

        if (history is { Count: > 1 })
        {
            page.Section("Violations over time", History(history), "The rules with the most violations in the newest run.");
        }

        return page.Render();
    }

    private static string Count(SuiteResult result, Outcome outcome) => result.Verdicts.Count(v => v.Outcome == outcome).ToString(CultureInfo.InvariantCulture);

    private static string Rules(SuiteResult result) => new DataGrid
    {
        Headings = ["Outcome", "Severity", "Rule", "Seen", "#Violations", "#Rows", "Owner"],
        Rows = [.. result.Verdicts.OrderByDescending(v => v.Blocks).ThenByDescending(v => v.Outcome is Outcome.Fail or Outcome.Error).Select(v => (IReadOnlyList<GridCell>)
        [
            new GridCell(v.Outcome.ToString(), Tone(v)), v.Severity.ToString(), v.Rule, v.Message, Number(v.Violations), Number(v.Evaluated), v.Owner ?? string.Empty,
        ])],
    }.Render();

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

    private static ChartTone Tone(Verdict verdict) => verdict.Outcome switch
    {
        Outcome.Pass => ChartTone.Good,
        Outcome.NoData => ChartTone.Wait,
        _ => verdict.Blocks ? ChartTone.Bad : ChartTone.Warn,
    };

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? string.Empty;
}
