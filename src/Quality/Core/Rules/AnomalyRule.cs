using System.Globalization;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using static System.FormattableString;

namespace DataPlatform.Quality.Rules;

/// <summary>A measure of the table is no surprise beside its own past. The past is a series that every run adds its point to.</summary>
internal sealed class AnomalyRule(SeriesMeasure measure, string? column, BaselineOptions options, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly Metric? _value = measure switch
    {
        SeriesMeasure.NullShare => new ViolationMetric(new NotNullCondition(column!), settings.Filter),
        SeriesMeasure.Mean => new AggregateMetric(AggregateFunction.Mean, column!, settings.Filter),
        SeriesMeasure.Distinct => new ApproximateDistinctMetric([column!], settings.Filter),
        SeriesMeasure.AgeSeconds when column is not null => new NewestTimeMetric(column, settings.Filter),
        _ => null,
    };

    public override string Kind => "anomaly";

    public override IReadOnlyList<string> Columns => column is null ? [] : [column];

    public override IReadOnlyList<Metric> Metrics => _value is null ? [_rows] : [_rows, _value];

    internal override string UnsoundSince => "its series would hold numbers of different kinds";

    internal override string Demand => $"the {Words}{(column is null ? "" : $" of {column}")} is no anomaly";

    internal override string Parameters => Canonical.Join(measure.ToString(), column?.ToUpperInvariant());

    private string Words => measure == SeriesMeasure.AgeSeconds ? "age" : DocumentNames.Of(measure).Replace('-', ' ');

    /// <summary>Points of the past that are asked for: enough for the baseline, whatever of it is left out.</summary>
    internal int HistoryMax => (options.Weekly ? 8 * 7 : 4) * options.Window + options.Consecutive;

    internal override string? SeriesIn(string table)
        => SeriesName.Of(table, measure, column) + (Settings.Filter is null ? string.Empty : $"?{Id}");

    internal override string? Incompatibility(TableShape shape) => measure switch
    {
        SeriesMeasure.Mean => ValueTypes.NotNumber(shape.Find(column!)!, "the mean"),
        SeriesMeasure.AgeSeconds when column is not null && !ValueTypes.IsTime(shape.Find(column)!.Family)
            => $"Column '{column}' is {shape.Find(column)!.Type}; an age can be asked of dates and times only.",
        _ => null,
    };

    internal override string? Unmet(QualityTarget target, TableShape shape) => measure == SeriesMeasure.AgeSeconds && column is null && target.CommittedAt is null
        ? "Nobody told when the table was last committed; check it through a table gate, or name a time column."
        : null;

    /// <summary>The point of this run; null where there is nothing to measure.</summary>
    internal MetricPoint? Point(MetricValues values, RuleContext context) => Measure(values, context) is { } value ? new MetricPoint(context.At, value) : null;

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (!context.HasSeries)
        {
            return new Judgement(Outcome.Error, "There is no store of series, so there is no past to judge by; give the runner one.");
        }

        if (Point(values, context) is not { } point)
        {
            return new Judgement(Outcome.NoData, "There is nothing to measure.");
        }

        var series = SeriesIn(context.Table)!;
        var history = context.Series.GetValueOrDefault(Id, []);
        var verdict = AnomalyDetector.Judge(history, point, options with { IsCount = measure == SeriesMeasure.Rows });
        var outcome = verdict.State is AnomalyState.Learning or AnomalyState.Excluded ? Outcome.NoData : verdict.IsAlert ? Outcome.Fail : Outcome.Pass;
        return new Judgement(outcome, Message(verdict), point.Value.ToString("R", CultureInfo.InvariantCulture))
        {
            Evidence = new AnomalyEvidence(series, history, verdict).ToJson(),
        };
    }

    private double? Measure(MetricValues values, RuleContext context) => measure switch
    {
        SeriesMeasure.Rows => values.Count(_rows),
        SeriesMeasure.NullShare when values.Count(_rows) > 0 => (double)values.Count(_value!) / values.Count(_rows),
        SeriesMeasure.Mean => values.Number(_value!),
        SeriesMeasure.Distinct => Math.Round(((HyperLogLog)values.Value(_value!)!).Estimate()),
        SeriesMeasure.AgeSeconds when column is null => (context.Now - context.Target.CommittedAt!.Value).TotalSeconds,
        SeriesMeasure.AgeSeconds when values.Number(_value!) is { } newest => (context.Now - EpochTime.Of(newest)).TotalSeconds,
        _ => null,
    };

    private string Message(AnomalyVerdict verdict) => verdict.State switch
    {
        AnomalyState.Learning => Invariant($"{verdict.Point.Value:G6}; still learning: {verdict.Baseline.Count} of {options.PointsMin} earlier points."),
        AnomalyState.Excluded => "A holiday: neither judged nor learned from.",
        AnomalyState.Normal => Invariant($"{verdict.Point.Value:G6} lies between {verdict.Lower:G6} and {verdict.Upper:G6}."),
        _ => Invariant($"{verdict.Point.Value:G6} lies outside {verdict.Lower:G6} to {verdict.Upper:G6}, {verdict.Violations} of {options.Consecutive} in a row."),
    };
}
