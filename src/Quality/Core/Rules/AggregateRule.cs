using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>An aggregate of a column lies between two limits.</summary>
internal sealed class AggregateRule(AggregateFunction function, string column, decimal? minimum, decimal? maximum, RuleSettings settings)
    : QualityRule(settings)
{
    private readonly AggregateMetric _aggregate = new(function, column, settings.Filter);
    private readonly RowCountMetric _rows = new(settings.Filter);

    public override string Kind => "aggregate";

    public override IReadOnlyList<string> Columns => [column];

    // Of no rows every aggregate is NULL but a count, whose zero would look like a finding.
    public override IReadOnlyList<Metric> Metrics => function == AggregateFunction.DistinctCount ? [_aggregate, _rows] : [_aggregate];

    internal override PartitionUse OnPartition => PartitionUse.Value;

    internal override SampleUse OnSample => function is AggregateFunction.Mean or AggregateFunction.Median ? SampleUse.Sound : SampleUse.Unsound;

    internal override string UnsoundSince => function switch
    {
        AggregateFunction.Minimum or AggregateFunction.Maximum => "the utmost value is hardly ever drawn",
        AggregateFunction.DistinctCount => "rare values are hardly ever drawn",
        _ => $"no interval of the {Name} is known that would hold",
    };

    internal override string Demand => $"{Name} of {column} is between {Text(minimum)} and {Text(maximum)}";

    internal override string Parameters => Canonical.Join(Name, column.ToUpperInvariant(), Text(minimum), Text(maximum));

    private string Name => NameOf(function);

    internal static string NameOf(AggregateFunction function) => function switch
    {
        AggregateFunction.StandardDeviation => "standard deviation",
        AggregateFunction.DistinctCount => "distinct count",
        _ => function.ToString().ToLowerInvariant(),
    };

    internal override string? Incompatibility(TableShape shape)
        => function == AggregateFunction.DistinctCount ? null : ValueTypes.NotNumber(shape.Find(column)!, $"the {Name}");

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        var observed = values.Text(_aggregate);
        if (values.Value(_aggregate) is not { } value || (function == AggregateFunction.DistinctCount && values.Count(_rows) == 0))
        {
            return new Judgement(Outcome.NoData, $"There are too few values in '{column}' for the {Name}.");
        }

        var holds = (minimum is not { } low || Compare(value, low) >= 0) && (maximum is not { } high || Compare(value, high) <= 0);
        return new Judgement(holds ? Outcome.Pass : Outcome.Fail, $"The {Name} of {column} is {observed}.", observed);
    }

    internal override IReadOnlyList<Metric> SampledMetrics(int rows) => [new NumberSampleMetric(column, rows, Settings.Filter)];

    internal override Judgement JudgeSample(MetricValues values, SampleFacts facts)
    {
        var drawn = (IReadOnlyList<double>)values.Value(SampledMetrics(facts.SampleSize)[0])!;
        if (drawn.Count < SampleFacts.ValuesMin)
        {
            return new Judgement(Outcome.NoData, FormattableString.Invariant($"There are {drawn.Count} values in the sample; {SampleFacts.ValuesMin} are needed."));
        }

        var (low, high) = function == AggregateFunction.Mean
            ? SampleIntervals.Mean(drawn, facts.Confidence)
            : SampleIntervals.Quantile(drawn, 0.5, facts.Confidence);
        var (least, most) = ((double?)minimum ?? double.NegativeInfinity, (double?)maximum ?? double.PositiveInfinity);
        var outcome = low >= least && high <= most ? Outcome.Pass : high < least || low > most ? Outcome.Fail : Outcome.NoData;
        var seen = FormattableString.Invariant($"The {Name} of {column} is {low:G6} to {high:G6} ({facts.Confidence:P0} confidence) by {drawn.Count} values");
        return new Judgement(outcome, outcome == Outcome.NoData ? $"Not decidable by a sample: {seen}." : seen + ".", FormattableString.Invariant($"{(low + high) / 2:G6}"));
    }

    // Whole numbers and decimals are compared exactly; only what was measured in binary floating point is compared in it.
    private static int Compare(object value, decimal limit) => value switch
    {
        double d => d.CompareTo((double)limit),
        decimal m => m.CompareTo(limit),
        BigInteger n => n.CompareTo(new BigInteger(decimal.Floor(limit))) is var c && c == 0 && limit != decimal.Floor(limit) ? -1 : c,
        _ => throw new QualityException(Kernel.ErrorKind.Corrupt, $"An engine gave an aggregate as {value.GetType().Name}."),
    };

    private static string Text(decimal? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "any";
}
