using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using static System.FormattableString;

namespace DataPlatform.Quality.Rules;

/// <summary>
/// No two rows have an equal key, as far as an estimate tells. The estimate's interval of three standard errors decides: wholly within the
/// threshold passes, wholly beyond it fails, and between the two it is not decidable, which is no data unless the rule asks for the exact count.
/// </summary>
internal sealed class ApproximateUniqueRule(IReadOnlyList<string> columns, bool exactWhenUndecided, RuleSettings settings) : QualityRule(settings)
{
    // 99.7 % of estimates lie within three standard errors.
    private const double Errors = 3;

    private readonly RowCountMetric _rows = new(settings.Filter);
    private readonly KeyCountMetric _keys = new(columns, settings.Filter);
    private readonly ApproximateDistinctMetric _distinct = new(columns, settings.Filter);
    private readonly DuplicateMetric _duplicates = new(columns, NullsEqual: false, settings.Filter);

    public override string Kind => "approximate-unique";

    public override IReadOnlyList<string> Columns => columns;

    public override IReadOnlyList<Metric> Metrics => [_rows, _keys, _distinct];

    internal override PartitionUse OnPartition => PartitionUse.Value;

    internal override string UnsoundSince => "the other half of a pair is hardly ever drawn";

    internal override string Demand => $"{string.Join(" + ", columns)} is unique by estimate";

    internal override string Parameters
        => Canonical.Join([exactWhenUndecided ? "exact" : "estimate", .. columns.Select(c => c.ToUpperInvariant()).Order(StringComparer.Ordinal)]);

    internal override IReadOnlyList<Metric> FollowUps(MetricValues values)
        => exactWhenUndecided && values.Count(_rows) > 0 && Decide(values).Outcome == Outcome.NoData ? [_duplicates] : [];

    internal override Judgement Judge(MetricValues values, RuleContext context)
        => values.Has(_duplicates)
            ? Judgement.OfRows(values.Count(_duplicates), values.Count(_rows), Settings.Threshold, "repeat an earlier key, counted exactly since an estimate does not decide")
            : Decide(values);

    private Judgement Decide(MetricValues values)
    {
        var (rows, keys) = (values.Count(_rows), values.Count(_keys));
        if (rows == 0)
        {
            return Judgement.OfRows(0, 0, Settings.Threshold, string.Empty);
        }

        var sketch = (HyperLogLog)values.Value(_distinct)!;
        var error = Errors * sketch.StandardError;
        var estimate = sketch.Estimate();
        var least = Math.Clamp(keys - (long)Math.Ceiling(estimate / (1 - error)), 0, keys);
        var most = Math.Clamp(keys - (long)Math.Floor(estimate / (1 + error)), 0, keys);
        var outcome = Settings.Threshold.Allows(most, rows) ? Outcome.Pass : Settings.Threshold.Allows(least, rows) ? Outcome.NoData : Outcome.Fail;
        var seen = Invariant($"About {estimate:0} different keys in {keys} rows, so {least} to {most} surplus rows (three standard errors of {sketch.StandardError:P2})");
        var message = outcome == Outcome.NoData ? $"Not decidable: {seen}, with {Settings.Threshold} borne; ask for the exact count." : seen + ".";
        return new Judgement(outcome, message, Invariant($"{estimate:0}"), outcome == Outcome.Fail ? least : null, rows);
    }
}
