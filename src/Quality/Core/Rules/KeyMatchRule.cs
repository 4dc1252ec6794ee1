using DataPlatform.Quality.Metrics;
using static System.FormattableString;

namespace DataPlatform.Quality.Rules;

/// <summary>The same keys occur here and in another relation. Violations are the different keys that one of the two lacks.</summary>
internal sealed class KeyMatchRule(
    IReadOnlyList<string> columns, string reference, IReadOnlyList<string> referenceColumns, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly MissingKeyMetric _extra = new(columns, reference, referenceColumns, IsMissingHere: false, settings.Filter);
    private readonly MissingKeyMetric _missing = new(columns, reference, referenceColumns, IsMissingHere: true, settings.Filter);

    public override string Kind => "key-match";

    public override IReadOnlyList<string> Columns => columns;

    public override IReadOnlyList<Metric> Metrics => [_rows, _extra, _missing];

    internal override Metric SampleMetric => _missing;

    internal override string UnsoundSince => "keys that were not drawn seem to be missing";

    internal override string Demand => $"{string.Join(" + ", columns)} has the values of {reference}.{string.Join(" + ", referenceColumns)}";

    internal override string Parameters => Canonical.Join(
        [reference, .. columns.Select(c => c.ToUpperInvariant()), null, .. referenceColumns.Select(c => c.ToUpperInvariant())]);

    internal override IReadOnlyList<(string Relation, IReadOnlyList<string> Columns)> References => [(reference, referenceColumns)];

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        var (extra, missing, rows) = (values.Count(_extra), values.Count(_missing), values.Count(_rows));
        var violations = extra + missing;
        var holds = Settings.Threshold.Allows(violations, rows);
        var message = violations == 0 ? $"Both have the same keys." : Invariant($"{missing} keys of {reference} are missing here, and {extra} keys here are missing there.");
        return new Judgement(holds ? Outcome.Pass : Outcome.Fail, message, Judgement.Text(violations), violations, rows);
    }
}
