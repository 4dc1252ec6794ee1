using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A series of a table, judged point by point.</summary>
/// <param name="Series">Its name in the store.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Verdicts">Its points with the baseline each was judged by, oldest first.</param>
public sealed record MetricHistory(string Series, string Label, string Unit, IReadOnlyList<AnomalyVerdict> Verdicts)
{
    private const int PointsShown = 90;
    private const int RulesMax = 100;

    /// <summary>
    /// The rule whose verdicts these are, each as it was given and kept. Null where no rule judges the series: the verdicts are then what a rule with
    /// default settings would say.
    /// </summary>
    public RuleState? Rule { get; init; }

    /// <summary>The newest points that left the band or were spoken about, newest first.</summary>
    public IEnumerable<AnomalyVerdict> Odd => Verdicts.Reverse().Where(v => v.State == AnomalyState.Violation || v.Point.Feedback != PointFeedback.None);

    /// <summary>The histories of a table's series: one for each rule that judges a series, one for each series that none judges.</summary>
    internal static async Task<IReadOnlyList<MetricHistory>> OfTableAsync(QualityConsole console, string table, int seriesMax, CancellationToken cancellationToken)
    {
        var kept = await OfRulesAsync(console, table, cancellationToken).ConfigureAwait(false);
        List<MetricHistory> histories = [];
        foreach (var series in await console.Series!.ListAsync(SeriesName.Prefix(table), seriesMax, cancellationToken).ConfigureAwait(false))
        {
            histories.AddRange(await OfSeriesAsync(console, series, kept, PointsShown, cancellationToken).ConfigureAwait(false));
        }

        return histories;
    }

    /// <summary>The histories of one series: one for each rule that judges it, each with the verdicts it gave; one by default settings where none does.</summary>
    /// <param name="console">Where series and verdicts are kept; the series must be.</param>
    /// <param name="series">The series, as its store names it.</param>
    /// <param name="pointsMax">Points of each, the newest, 1 to 1,000; 90 unless said otherwise.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IReadOnlyList<MetricHistory>> OfSeriesAsync(
        QualityConsole console, string series, int pointsMax = PointsShown, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(console);
        ArgumentException.ThrowIfNullOrWhiteSpace(series);
        var table = Uri.UnescapeDataString(series.Split('/')[0]);
        var rules = await OfRulesAsync(console, table, cancellationToken, pointsMax).ConfigureAwait(false);
        return await OfSeriesAsync(console, series, rules, pointsMax, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The history of a rule on anomalies; null for another rule, or one that judged nothing yet.</summary>
    internal static async Task<MetricHistory?> OfRuleAsync(QualityConsole console, RuleState rule, CancellationToken cancellationToken)
    {
        var kept = await EvidenceAsync(console, rule, cancellationToken).ConfigureAwait(false);
        if (kept.Count == 0)
        {
            return null;
        }

        var points = console.Series is { } store
            ? await store.BeforeAsync(kept[0].Series, console.Time.GetUtcNow().AddTicks(1), PointsShown, cancellationToken).ConfigureAwait(false)
            : [];
        return Of(kept[0].Series, points, rule, kept, PointsShown);
    }

    private static async Task<ILookup<string, (RuleState Rule, List<AnomalyEvidence> Kept)>> OfRulesAsync(
        QualityConsole console, string table, CancellationToken cancellationToken, int pointsMax = PointsShown)
    {
        List<(RuleState Rule, List<AnomalyEvidence> Kept)> all = [];
        var query = new RuleQuery { Table = table, Kinds = ["anomaly"], Limit = RulesMax };
        foreach (var rule in await console.Catalog.RulesAsync(query, cancellationToken).ConfigureAwait(false))
        {
            all.Add((rule, await EvidenceAsync(console, rule, cancellationToken, pointsMax).ConfigureAwait(false)));
        }

        return all.Where(r => r.Kept.Count > 0).ToLookup(r => r.Kept[0].Series);
    }

    /// <summary>What a rule's newest verdicts were made from, newest first.</summary>
    private static async Task<List<AnomalyEvidence>> EvidenceAsync(
        QualityConsole console, RuleState rule, CancellationToken cancellationToken, int pointsMax = PointsShown)
        => rule.Verdict.Kind != "anomaly"
            ? []
            : [.. (await console.Catalog.EvidenceAsync(rule.Number, pointsMax, cancellationToken).ConfigureAwait(false)).Select(AnomalyEvidence.Read)];

    private static async Task<IReadOnlyList<MetricHistory>> OfSeriesAsync(
        QualityConsole console, string series, ILookup<string, (RuleState Rule, List<AnomalyEvidence> Kept)> judged, int pointsMax, CancellationToken cancellationToken)
    {
        // A baseline needs points before the first one shown.
        var now = console.Time.GetUtcNow().AddTicks(1);
        var points = await console.Series!.BeforeAsync(series, now, pointsMax + new BaselineOptions().Window, cancellationToken).ConfigureAwait(false);
        if (judged.Contains(series))
        {
            return [.. judged[series].Select(j => Of(series, points, j.Rule, j.Kept, pointsMax))];
        }

        var (label, unit, isCount) = Describe(series);
        return [new MetricHistory(series, label, unit, [.. AnomalyDetector.JudgeAll(points, new BaselineOptions { IsCount = isCount }).TakeLast(pointsMax)])];
    }

    /// <summary>
    /// The verdicts as they were given: a point is drawn inside the very band it was judged by. What people say of it by now is the store's to tell;
    /// a point that the rule did not judge has a value and no band.
    /// </summary>
    private static MetricHistory Of(string series, IReadOnlyList<MetricPoint> points, RuleState rule, IReadOnlyList<AnomalyEvidence> kept, int pointsMax)
    {
        var verdicts = kept.DistinctBy(e => e.Verdict.Point.At).ToDictionary(e => e.Verdict.Point.At, e => e.Verdict);
        foreach (var point in points)
        {
            verdicts[point.At] = verdicts.TryGetValue(point.At, out var verdict)
                ? verdict with { Point = verdict.Point with { Feedback = point.Feedback } }
                : AnomalyVerdict.Unjudged(point);
        }

        var (label, unit, _) = Describe(series);
        return new MetricHistory(series, label, unit, [.. verdicts.Values.OrderBy(v => v.Point.At).TakeLast(pointsMax)]) { Rule = rule };
    }

    private static (string Label, string Unit, bool IsCount) Describe(string series)
    {
        // A series of filtered rows bears the id of its rule.
        if (SeriesName.Parse(series.Split('?')[0]) is not { } name)
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
