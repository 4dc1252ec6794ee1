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
}
