using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Every key occurs in another relation.</summary>
internal sealed class ReferenceRule(
    IReadOnlyList<string> columns, string reference, IReadOnlyList<string> referenceColumns, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly OrphanMetric _orphans = new(columns, reference, referenceColumns, settings.Filter);

    public override string Kind => "reference";

    public override IReadOnlyList<string> Columns => columns;

    public override IReadOnlyList<Metric> Metrics => [_rows, _orphans];

    internal override Metric SampleMetric => _orphans;

    internal override string UnsoundSince => "a key that is missing is a rarity that few rows do not show";

    internal override string Demand => $"{string.Join(" + ", columns)} occurs in {reference}.{string.Join(" + ", referenceColumns)}";

    internal override string Parameters => Canonical.Join(
        [reference, .. columns.Select(c => c.ToUpperInvariant()), null, .. referenceColumns.Select(c => c.ToUpperInvariant())]);

    internal override IReadOnlyList<(string Relation, IReadOnlyList<string> Columns)> References => [(reference, referenceColumns)];

    internal override Judgement Judge(MetricValues values, RuleContext context)
        => Judgement.OfRows(values.Count(_orphans), values.Count(_rows), Settings.Threshold, $"have no match in {reference}");
}
