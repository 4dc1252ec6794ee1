using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <content>Rules that hold a table against something else: its other columns, other tables, its past.</content>
public sealed partial class QualitySuiteBuilder
{
    /// <summary>Two columns of each row stand in an order. NULL holds, NaN does not.</summary>
    /// <param name="column">The first column.</param>
    /// <param name="comparison">How it stands to the second.</param>
    /// <param name="other">The second column.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder Compare(string column, Comparison comparison, string other, RuleSettings? settings = null)
        => Rows(new ColumnsCondition(column, comparison, other), settings);

    /// <summary>Where one SQL expression is true, another one is not false.</summary>
    /// <param name="when">When the demand applies, for example <c>cancelled</c>.</param>
    /// <param name="then">The demand, for example <c>arrived is null</c>.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder When(string when, string then, RuleSettings? settings = null)
        => Rows(new ConditionalCondition(RuleArguments.Text(when), RuleArguments.Text(then)), settings);

    /// <summary>
    /// No two rows have an equal key, by an estimate of 0.81 % standard error. Within three standard errors of the threshold it is not decidable:
    /// no data, or on request the exact count.
    /// </summary>
    /// <param name="columns">The key's columns; a row with a NULL in them is never a duplicate.</param>
    /// <param name="settings">Severity and the rest; a threshold below some 2.4 % of the rows can be broken for certain but never kept for certain.</param>
    /// <param name="exactWhenUndecided">Whether to count exactly when the estimate does not decide.</param>
    public QualitySuiteBuilder ApproximatelyUnique(IReadOnlyList<string> columns, RuleSettings? settings = null, bool exactWhenUndecided = false)
        => Add(new ApproximateUniqueRule(RuleArguments.NotEmpty(columns), exactWhenUndecided, settings ?? RuleSettings.Default));

    /// <summary>There are as many rows as elsewhere.</summary>
    /// <param name="source">The other rows.</param>
    /// <param name="tolerance">How many more or fewer hold; none unless said otherwise.</param>
    /// <param name="settings">Severity and the rest; the filter is on the rows here.</param>
    public QualitySuiteBuilder RowCountMatches(MatchSource source, Tolerance tolerance = default, RuleSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Add(MatchRule.OfRows(source, tolerance, settings ?? RuleSettings.Default));
    }

    /// <summary>An aggregate of a column is what it is elsewhere.</summary>
    /// <param name="function">The aggregate.</param>
    /// <param name="column">The column.</param>
    /// <param name="source">The other rows.</param>
    /// <param name="tolerance">How much more or less holds; nothing unless said otherwise.</param>
    /// <param name="settings">Severity and the rest; the filter is on the rows here.</param>
    public QualitySuiteBuilder AggregateMatches(
        AggregateFunction function, string column, MatchSource source, Tolerance tolerance = default, RuleSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Add(MatchRule.OfAggregate(function, column, source, tolerance, settings ?? RuleSettings.Default));
    }

    /// <summary>The same keys occur here and in another relation, however often. Violations are the different keys that one of the two lacks.</summary>
    /// <param name="columns">The key's columns; keys with a NULL in them do not count.</param>
    /// <param name="reference">The other relation's name.</param>
    /// <param name="referenceColumns">The key's columns there, in the same order.</param>
    /// <param name="settings">Severity and the rest.</param>
    public QualitySuiteBuilder KeysMatch(
        IReadOnlyList<string> columns, string reference, IReadOnlyList<string> referenceColumns, RuleSettings? settings = null)
    {
        RuleArguments.SameLength(RuleArguments.NotEmpty(columns), RuleArguments.NotEmpty(referenceColumns));
        return Add(new KeyMatchRule(columns, RuleArguments.Text(reference), referenceColumns, settings ?? RuleSettings.Default));
    }

    /// <summary>A column is distributed as a reference that was stored before.</summary>
    /// <param name="column">The column.</param>
    /// <param name="test">The test or measure.</param>
    /// <param name="reference">The reference's name, see <see cref="QualityTarget.Distributions"/>.</param>
    /// <param name="limits">From where on it has changed; the defaults when null. No part of the rule's id.</param>
    /// <param name="settings">Severity and the rest; a threshold means nothing here.</param>
    public QualitySuiteBuilder DistributedAs(
        string column, DistributionTest test, string reference, DistributionLimits? limits = null, RuleSettings? settings = null)
        => Add(new DistributionRule(column, test, RuleArguments.Text(reference), limits ?? new DistributionLimits(), settings ?? RuleSettings.Default));

    /// <summary>A measure is no surprise beside its own past; see <see cref="QualityRunnerOptions.Series"/>.</summary>
    /// <param name="measure">Rows, share of NULL, mean, different values (estimated), or age.</param>
    /// <param name="column">The column; null for rows, and for the age of the newest commit.</param>
    /// <param name="options">The baseline; the defaults when null. No part of the rule's id.</param>
    /// <param name="settings">Severity and the rest; a threshold means nothing here.</param>
    public QualitySuiteBuilder NoAnomaly(SeriesMeasure measure, string? column = null, BaselineOptions? options = null, RuleSettings? settings = null)
    {
        RuleArguments.Measurable(measure, column);
        return Add(new AnomalyRule(measure, column, options ?? new BaselineOptions(), settings ?? RuleSettings.Default));
    }

    /// <summary>The columns are those of the time before.</summary>
    /// <param name="settings">Severity and the rest; a filter and a threshold mean nothing here.</param>
    public QualitySuiteBuilder SchemaUnchanged(RuleSettings? settings = null) => Add(new SchemaChangeRule(settings ?? RuleSettings.Default));

    /// <summary>The table is committed within a time after a local time of day, by the lake's log.</summary>
    /// <param name="sla">The promise.</param>
    /// <param name="settings">Severity and the rest; a filter and a threshold mean nothing here.</param>
    public QualitySuiteBuilder CommittedBy(FreshnessSla sla, RuleSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(sla);
        return Add(new CommittedRule(sla, settings ?? RuleSettings.Default));
    }
}
