using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules.Documents;
using static System.FormattableString;

namespace DataPlatform.Quality.Rules;

/// <summary>A column is distributed as a reference that was stored before.</summary>
/// <remarks>
/// Rules of sample size: fewer values than asked for on either side are no data; a measure whose limit lies below twice the noise of such sizes
/// cannot be judged and is no data; rare classes of a chi-square test are counted together; a KS test takes at most
/// <see cref="DistributionReference.SampleMax"/> numbers a side. P-values of a run are adjusted as one family (Benjamini and Hochberg).
/// </remarks>
internal sealed class DistributionRule(string column, DistributionTest test, string reference, DistributionLimits limits, RuleSettings settings) : QualityRule(settings)
{
    private const double IndexMax = 0.25;
    private const double JensenShannonMax = 0.1;
    private const double NoiseRoom = 2;

    public override string Kind => "distribution";

    public override IReadOnlyList<string> Columns => [column];

    public override IReadOnlyList<Metric> Metrics => [];

    internal override string UnsoundSince => "its test already draws what it needs, from all rows";

    internal override string Demand => $"{column} is distributed as {reference}, by {DocumentNames.Of(test)}";

    internal override string Parameters => Canonical.Join(column.ToUpperInvariant(), test.ToString(), reference);

    private bool IsTest => test is DistributionTest.KolmogorovSmirnov or DistributionTest.ChiSquare;

    private double Maximum => limits.Maximum ?? (test == DistributionTest.JensenShannon ? JensenShannonMax : IndexMax);

    internal override IReadOnlyList<Metric> MetricsFor(QualityTarget target) => [MetricOf(target)];

    internal override string? Unmet(QualityTarget target, TableShape shape)
    {
        var found = shape.Find(column)!;
        return target.Distributions.GetValueOrDefault(reference) switch
        {
            null => $"There is no reference '{reference}'; there are {string.Join(", ", target.Distributions.Keys.Order(StringComparer.Ordinal)) switch { "" => "none", var names => names }}.",
            { Edges: not null } when !ValueTypes.IsNumber(found.Family) => $"Column '{found.Name}' is {found.Type}; the reference '{reference}' is about numbers.",
            { Edges: null } when test == DistributionTest.KolmogorovSmirnov => $"The reference '{reference}' is about classes, which have no order; use chi-square.",
            { Sample.Count: 0 } when test == DistributionTest.KolmogorovSmirnov => $"The reference '{reference}' has no sample of numbers; make it anew with one.",
            _ => null,
        };
    }

    internal override DriftResult? Test(MetricValues values, QualityTarget target)
        => IsTest && Lack(values, target) is null ? Result(values, target) : null;

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (Lack(values, context.Target) is { } lack)
        {
            return new Judgement(Outcome.NoData, lack);
        }

        var result = Result(values, context.Target);
        var adjusted = context.AdjustedPValues.GetValueOrDefault(Id, double.NaN);
        var isChanged = IsTest ? adjusted <= limits.Significance && result.EffectSize >= limits.EffectMin : result.Statistic > Maximum;
        var message = IsTest
            ? Invariant($"The statistic is {result.Statistic:G4}, its adjusted p-value {adjusted:G3}, the effect {result.EffectSize:G3} (a change from {limits.EffectMin:G3} on).")
            : Invariant($"The {DocumentNames.Of(test)} is {result.Statistic:G4}; up to {Maximum:G4} holds.");
        return new Judgement(isChanged ? Outcome.Fail : Outcome.Pass, message, Invariant($"{result.Statistic:R}"))
        {
            Evidence = new DistributionEvidence(test, reference, Before(context.Target), Now(values, context.Target), result.Statistic, Finite(result.PValue), Finite(adjusted), result.EffectSize).ToJson(),
        };
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private Metric MetricOf(QualityTarget target)
    {
        var known = target.Distributions[reference];
        return test == DistributionTest.KolmogorovSmirnov ? new NumberSampleMetric(column, DistributionReference.SampleMax, Settings.Filter)
            : known.Edges is { } edges ? new BinCountsMetric(column, edges, Settings.Filter)
            : new ClassCountsMetric(column, known.Classes!, Settings.Filter);
    }

    /// <summary>Why the values are too few to judge by; null when they are enough.</summary>
    private string? Lack(MetricValues values, QualityTarget target)
    {
        var (before, now) = (Before(target), Now(values, target));
        var (beforeCount, nowCount) = test == DistributionTest.KolmogorovSmirnov ? (before.Count, now.Count) : ((long)before.Sum(), (long)now.Sum());
        if (beforeCount < limits.ValuesMin || nowCount < limits.ValuesMin)
        {
            return Invariant($"There are {nowCount} values now and {beforeCount} in the reference; {limits.ValuesMin} are needed on either side.");
        }

        var noise = IsTest ? 0 : Noise(before.Count, beforeCount, nowCount);
        return noise * NoiseRoom <= Maximum
            ? null
            : Invariant($"With {nowCount} values in {before.Count} bins chance alone gives a {DocumentNames.Of(test)} of {noise:G3}; {Maximum:G3} cannot be told from it.");
    }

    /// <summary>What two samples of one distribution give on average, by the second-order terms of the measures.</summary>
    private double Noise(int bins, long before, long now) => Divergence.StabilityNoise(bins, before, now) / test switch
    {
        DistributionTest.Psi => 1,
        DistributionTest.KullbackLeibler => 2,
        _ => 8 * Math.Log(2),
    };

    private IReadOnlyList<double> Before(QualityTarget target)
    {
        var known = target.Distributions[reference];
        return test == DistributionTest.KolmogorovSmirnov ? known.Sample : [.. known.Counts.Select(c => (double)c)];
    }

    private IReadOnlyList<double> Now(MetricValues values, QualityTarget target) => values.Value(MetricOf(target)) switch
    {
        IReadOnlyList<double> sample => sample,
        IReadOnlyList<long> counts => [.. counts.Select(c => (double)c)],
        _ => [],
    };

    private DriftResult Result(MetricValues values, QualityTarget target) => DistributionEvidence.Measure(test, Before(target), Now(values, target));
}
