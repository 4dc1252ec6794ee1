using DataPlatform.Quality.Metrics;
using static System.FormattableString;

namespace DataPlatform.Quality.Rules;

/// <summary>The table has so many rows. An empty table is a number like any other here, so this rule never lacks data.</summary>
internal sealed class RowCountRule(long? minimum, long? maximum, RuleSettings settings) : QualityRule(settings)
{
    private readonly RowCountMetric _rows = new(settings.Filter);

    public override string Kind => "row-count";

    public override IReadOnlyList<Metric> Metrics => [_rows];

    internal override PartitionUse OnPartition => PartitionUse.Value;

    internal override SampleUse OnSample => SampleUse.Needless;

    internal override string Demand => (minimum, maximum) switch
    {
        ({ } low, { } high) => Invariant($"between {low} and {high} rows"),
        ({ } low, null) => Invariant($"at least {low} rows"),
        (null, { } high) => Invariant($"at most {high} rows"),
        _ => "any number of rows",
    };

    internal override string Parameters => Invariant($"{minimum}..{maximum}");

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        var rows = values.Count(_rows);
        var holds = rows >= (minimum ?? 0) && rows <= (maximum ?? long.MaxValue);
        return new Judgement(holds ? Outcome.Pass : Outcome.Fail, Invariant($"There are {rows} rows."), Judgement.Text(rows), Evaluated: rows);
    }
}
