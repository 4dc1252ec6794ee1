using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>
/// A number of this table lies near the same number of other rows: of another relation, of an earlier version of the table, or of another part of
/// it.
/// </summary>
internal sealed class MatchRule : QualityRule
{
    private readonly string _what;
    private readonly string? _column;
    private readonly MatchSource _source;
    private readonly Tolerance _tolerance;
    private readonly Metric _here;
    private readonly Metric _there;

    private MatchRule(string kind, string what, string? column, Metric here, Metric there, MatchSource source, Tolerance tolerance, RuleSettings settings)
        : base(settings)
    {
        (Kind, _what, _column, _source, _tolerance) = (kind, what, column, source, tolerance);
        _here = here;
        _there = source.Relation is { } relation ? new RelationMetric(there, relation) : there;
    }

    public override string Kind { get; }

    public override IReadOnlyList<string> Columns => _column is null ? [] : [_column];

    public override IReadOnlyList<Metric> Metrics => [_here, _there];

    internal override string UnsoundSince => "the other rows are not drawn along with these";

    internal override string Demand => $"{_what} {(_tolerance == Tolerance.None ? "is that" : $"is within {_tolerance} of that")} of {_source}";

    internal override string Parameters => Canonical.Join(_what, _column?.ToUpperInvariant(), _source.Relation, _source.Column?.ToUpperInvariant(), _source.Filter, _tolerance.ToString());

    internal override IReadOnlyList<(string Relation, IReadOnlyList<string> Columns)> References
        => _source.Relation is { } relation ? [(relation, ColumnThere is { } column ? [column] : [])] : [];

    private string? ColumnThere => _column is null ? null : _source.Column ?? _column;

    public static MatchRule OfRows(MatchSource source, Tolerance tolerance, RuleSettings settings)
        => new("row-count-match", "the number of rows", null, new RowCountMetric(settings.Filter), new RowCountMetric(source.Filter), source, tolerance, settings);

    public static MatchRule OfAggregate(AggregateFunction function, string column, MatchSource source, Tolerance tolerance, RuleSettings settings)
    {
        var there = new AggregateMetric(function, source.Column ?? column, source.Filter);
        return new("aggregate-match", $"the {AggregateRule.NameOf(function)} of {column}", column, new AggregateMetric(function, column, settings.Filter), there, source, tolerance, settings);
    }

    internal override string? Incompatibility(TableShape shape)
        => _here is AggregateMetric { Function: not AggregateFunction.DistinctCount } ? ValueTypes.NotNumber(shape.Find(_column!)!, _what) : null;

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (values.Value(_here) is not { } here || values.Value(_there) is not { } there)
        {
            return new Judgement(Outcome.NoData, $"There are too few values for {_what} {(values.Value(_here) is null ? "here" : $"in {_source}")}.");
        }

        var holds = _tolerance.Allows(here, there);
        return new Judgement(
            holds ? Outcome.Pass : Outcome.Fail, $"It is {values.Text(_here)} here and {values.Text(_there)} in {_source}.", values.Text(_here));
    }
}
