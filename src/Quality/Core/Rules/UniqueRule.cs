using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>No two rows have an equal key.</summary>
internal sealed class UniqueRule(IReadOnlyList<string> columns, bool nullsEqual, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly DuplicateMetric _duplicates = new(columns, nullsEqual, settings.Filter);

    public override string Kind => "unique";

    public override IReadOnlyList<string> Columns => columns;

    public override IReadOnlyList<Metric> Metrics => [_rows, _duplicates];

    internal override Metric SampleMetric => _duplicates;

    internal override string UnsoundSince => "the other half of a pair is hardly ever drawn";

    internal override string Demand => $"{string.Join(" + ", columns)} is unique";

    // A key is a set of columns: their order changes neither the groups nor the rule.
    internal override string Parameters
        => Canonical.Join([nullsEqual ? "=" : "<>", .. columns.Select(c => c.ToUpperInvariant()).Order(StringComparer.Ordinal)]);

    internal override Judgement Judge(MetricValues values, RuleContext context)
        => Judgement.OfRows(values.Count(_duplicates), values.Count(_rows), Settings.Threshold, "repeat an earlier key");
}
