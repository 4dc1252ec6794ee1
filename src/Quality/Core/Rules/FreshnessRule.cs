using System.Globalization;
using System.Numerics;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The newest time in a column is not older than an age, measured as elapsed time in UTC.</summary>
internal sealed class FreshnessRule(string column, TimeSpan ageMax, RuleSettings settings) : QualityRule(settings)
{
    /// <summary>How far ahead of this machine's clock the newest time may lie before the clocks, not the data, are in doubt.</summary>
    internal static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(5);

    private readonly NewestTimeMetric _newest = new(column, settings.Filter);

    public override string Kind => "freshness";

    public override IReadOnlyList<string> Columns => [column];

    public override IReadOnlyList<Metric> Metrics => [_newest];

    internal override string UnsoundSince => "the newest row is hardly ever drawn";

    internal override string Demand => $"{column} is at most {Duration(ageMax)} old";

    internal override string Parameters => Canonical.Join(column.ToUpperInvariant(), ageMax.Ticks.ToString(CultureInfo.InvariantCulture));

    internal override string? Incompatibility(TableShape shape)
    {
        var found = shape.Find(column)!;
        return ValueTypes.IsTime(found.Family) ? null : $"Column '{found.Name}' is {found.Type}; freshness can be asked of dates and times only.";
    }

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (values.Value(_newest) is not { } value)
        {
            return new Judgement(Outcome.NoData, $"There is no time in '{column}'.");
        }

        var newest = EpochTime.Of((double)(BigInteger)value);
        var observed = newest.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var age = context.Now - newest;
        if (age < -ClockSkewMax)
        {
            return new Judgement(
                Outcome.Error, $"The newest time, {observed}, lies {Duration(-age)} ahead of this clock: the clock is behind or the time is wrong.", observed);
        }

        return new Judgement(age <= ageMax ? Outcome.Pass : Outcome.Fail, $"The newest time, {observed}, is {Duration(age)} old.", observed);
    }

    private static string Duration(TimeSpan span) => span.ToString(span.Days == 0 ? @"hh\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
