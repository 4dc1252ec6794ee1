using System.Globalization;
using DataPlatform.Quality.Catalog;
using DataPlatform.Web.Charts;

namespace DataPlatform.Quality.Web;

/// <summary>How outcomes and numbers look on pages and in reports.</summary>
internal static class OutcomeLooks
{
    /// <summary>The parts of a bar of outcomes, from the bottom up.</summary>
    public static IReadOnlyList<(string Name, string Colour)> Parts { get; } =
    [
        ("pass", "var(--good)"), ("no data", "var(--empty)"), ("info", "var(--seq-1)"), ("warning", "var(--warn)"), ("error", "var(--skip)"), ("critical", "var(--bad)"),
    ];

    public static IReadOnlyList<double> ValuesOf(OutcomeCounts counts)
        => [counts.Pass, counts.NoData, counts.FailInfo, counts.FailWarning, counts.Error, counts.FailCritical];

    public static ChartTone Tone(Severity severity, Outcome outcome) => outcome switch
    {
        Outcome.Pass => ChartTone.Good,
        Outcome.NoData => ChartTone.Wait,
        _ => severity == Severity.Critical ? ChartTone.Bad : ChartTone.Warn,
    };

    public static string Badge(Verdict verdict) => "badge " + ToneName(verdict.Severity, verdict.Outcome);

    public static string ToneName(Severity severity, Outcome outcome) => Tone(severity, outcome) switch
    {
        ChartTone.Good => "good",
        ChartTone.Wait => "wait",
        ChartTone.Warn => "warn",
        _ => "bad",
    };

    public static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Pass => "pass",
        Outcome.Fail => "fail",
        Outcome.NoData => "no data",
        _ => "error",
    };

    public static string Strip(IReadOnlyList<PastVerdict> history) => new OutcomeStrip
    {
        Title = history.Count == 0
            ? "never run"
            : Invariant($"{history.Count} runs up to {history[^1].At.UtcDateTime:yyyy-MM-dd HH:mm}: {history.Count(v => v.Outcome == Outcome.Pass)} pass, {history.Count(v => v.Outcome == Outcome.Fail)} fail, {history.Count(v => v.Outcome == Outcome.Error)} error"),
        Outcomes = [.. history.Select(v => Tone(v.Severity, v.Outcome))],
    }.Render();

    public static string Count(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? string.Empty;

    public static string Percent(double share) => share switch
    {
        0 => "0 %",
        > 0 and < 0.0001 => "< 0.01 %",
        _ => (share * 100).ToString(share is < 0.1 or > 0.999 and < 1 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + " %",
    };

    public static string Number(double? value) => value switch
    {
        null => string.Empty,
        { } v when Math.Abs(v) >= 1e15 || (v != 0 && Math.Abs(v) < 1e-4) => v.ToString("0.###e0", CultureInfo.InvariantCulture),
        { } v => v.ToString(Math.Abs(v) >= 1000 ? "N0" : "0.###", CultureInfo.InvariantCulture),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
