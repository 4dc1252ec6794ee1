using System.Globalization;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Charts;

namespace DataPlatform.Quality.Web;

/// <summary>Series as charts, each point beside the baseline it was judged by.</summary>
internal static class BandCharts
{
    public static string Render(MetricHistory metric) => new BandChart
    {
        Title = $"{metric.Label} over time with its baseline",
        Unit = metric.Unit,
        Points = [.. metric.Verdicts.Select(PointOf)],
    }.Render();

    public static string Words(AnomalyVerdict verdict)
    {
        var value = OutcomeLooks.Number(verdict.Point.Value);
        var judged = verdict.State switch
        {
            AnomalyState.Learning => "too few points to judge",
            AnomalyState.Excluded => "a holiday, not judged",
            AnomalyState.Unjudged => "not judged by the rule",
            _ => $"expected {OutcomeLooks.Number(verdict.Centre)}, normal {Limit(verdict.Lower, "any")} to {Limit(verdict.Upper, "any")}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{verdict.Point.At.UtcDateTime:yyyy-MM-dd HH:mm}: {value}; {judged}{Said(verdict.Point.Feedback)}");
    }

    private static BandPoint PointOf(AnomalyVerdict verdict) => new(
        verdict.Point.At, verdict.Point.Value, Known(verdict.Centre), Known(verdict.Lower), Known(verdict.Upper), Tone(verdict), Words(verdict));

    private static ChartTone? Tone(AnomalyVerdict verdict) => (verdict.Point.Feedback, verdict.State) switch
    {
        (PointFeedback.FalsePositive, _) => ChartTone.Good,
        (PointFeedback.Real, _) => ChartTone.Bad,
        (_, AnomalyState.Violation) => verdict.IsAlert ? ChartTone.Bad : ChartTone.Warn,
        _ => null,
    };

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private static string Limit(double value, string unlimited) => double.IsFinite(value) ? OutcomeLooks.Number(value) : unlimited;

    private static string Said(PointFeedback feedback) => feedback switch
    {
        PointFeedback.Real => "; said to be real",
        PointFeedback.FalsePositive => "; said to be all right",
        _ => string.Empty,
    };
}
