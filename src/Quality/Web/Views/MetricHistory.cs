using DataPlatform.Quality.Anomalies;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A series of a table, judged point by point.</summary>
/// <param name="Series">Its name in the store.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Verdicts">Its points with the baseline each was judged by, oldest first.</param>
public sealed record MetricHistory(string Series, string Label, string Unit, IReadOnlyList<AnomalyVerdict> Verdicts)
{
    private const int PointsShown = 90;

    /// <summary>The newest points that left the band or were spoken about, newest first.</summary>
    public IEnumerable<AnomalyVerdict> Odd => Verdicts.Reverse().Where(v => v.State == AnomalyState.Violation || v.Point.Feedback != PointFeedback.None);

    internal static async Task<MetricHistory> LoadAsync(ISeriesStore store, string series, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A baseline needs points before the first one shown.
        var before = new BaselineOptions().Window;
        var points = await store.BeforeAsync(series, now.AddTicks(1), PointsShown + before, cancellationToken).ConfigureAwait(false);
        var (label, unit, isCount) = Describe(series);
        var verdicts = AnomalyDetector.JudgeAll(points, new BaselineOptions { IsCount = isCount });
        return new MetricHistory(series, label, unit, [.. verdicts.Skip(Math.Max(0, verdicts.Count - PointsShown))]);
    }

    private static (string Label, string Unit, bool IsCount) Describe(string series)
    {
        if (SeriesName.Parse(series) is not { } name)
        {
            return (series, string.Empty, false);
        }

        var (words, unit) = name.Measure switch
        {
            SeriesMeasure.Rows => ("rows", "rows"),
            SeriesMeasure.NullShare => ("share of NULL", "share"),
            SeriesMeasure.Distinct => ("different values", "values"),
            SeriesMeasure.AgeSeconds => ("age", "s"),
            SeriesMeasure.Mean => ("mean", string.Empty),
            var other => (other.ToString(), string.Empty),
        };
        return (name.Column is null ? words : $"{name.Column}: {words}", unit, name.Measure is SeriesMeasure.Rows);
    }
}
