using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>A condition on single rows.</summary>
internal sealed class RowRule(RowCondition condition, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly ViolationMetric _violations = new(condition, settings.Filter);

    public override string Kind => condition.Kind;

    public override IReadOnlyList<string> Columns => condition.Columns;

    public override RowCondition Condition => condition;

    public override IReadOnlyList<Metric> Metrics => [_rows, _violations];

    internal override Metric SampleMetric => _violations;

    internal override string Demand => condition.Description;

    internal override string Parameters => condition.Key;

    internal override string? Incompatibility(TableShape shape) => condition.Incompatibility(shape);

    internal override Judgement Judge(MetricValues values, RuleContext context)
        => Judgement.OfRows(values.Count(_violations), values.Count(_rows), Settings.Threshold, "do not");

    internal override PartitionUse OnPartition => PartitionUse.Verdict;

    internal override SampleUse OnSample => SampleUse.Sound;

    internal override IReadOnlyList<Metric> SampledMetrics(int rows) => Metrics;

    /// <summary>A threshold of none can be broken by a sample and never kept: rows that were not drawn may break it.</summary>
    internal override Judgement JudgeSample(MetricValues values, SampleFacts facts)
    {
        var (violations, evaluated) = (values.Count(_violations), values.Count(_rows));
        if (evaluated == 0)
        {
            return new Judgement(Outcome.NoData, "There are no rows to look at in the sample.", "0", 0, 0);
        }

        // Where an error had the scan sent again in halves, the two numbers may come of two draws.
        var (low, high) = SampleIntervals.Share(Math.Min(violations, evaluated), evaluated, facts.Confidence);
        var selected = (double)facts.Rows * evaluated / facts.SampleRows;
        var limit = Settings.Threshold.IsPercent ? (double)Settings.Threshold.Limit / 100 : (double)Settings.Threshold.Limit / selected;
        var outcome = high <= limit ? Outcome.Pass : low > limit ? Outcome.Fail : Outcome.NoData;
        var seen = System.FormattableString.Invariant(
            $"{violations} of {evaluated} rows of a sample {(violations == 1 ? "does" : "do")} not: {low:P3} to {high:P3} of all ({facts.Confidence:P0} confidence), {Settings.Threshold} borne");
        return new Judgement(outcome, outcome == Outcome.NoData ? $"Not decidable by a sample: {seen}." : seen + ".", Judgement.Text(violations), violations, evaluated);
    }
}
