using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules.Documents;

/// <content>Kinds that hold a table against something else.</content>
internal sealed partial record RuleKind
{
    private static RuleProperty Columns => new("columns", "key", true);
    private static RuleProperty[] Source => [new("reference", "text"), new("referenceFilter", "text"), new("tolerance", "tolerance")];

    private static RuleProperty[] Baseline =>
    [
        new("window", "integer"), new("pointsMin", "integer"), new("weekly", "flag"), new("robust", "flag"), new("falseAlarmRate", "number"),
        new("spreadFloor", "number"), new("direction", "text", Values: [.. DocumentNames.All<AnomalyDirection>()]), new("consecutive", "integer"),
        new("holidays", "days"),
    ];

    private static IReadOnlyList<RuleKind> Comparing =>
    [
        new("compare", [Column, new("comparison", "text", true, [.. DocumentNames.All<Comparison>()]), new("other", "text", true)],
            (b, f, s) => b.Compare(f.Text("column"), f.Enum<Comparison>("comparison"), f.Text("other"), s)),
        new("conditional", [new("when", "text", true), new("then", "text", true)], (b, f, s) => b.When(f.Text("when"), f.Text("then"), s)),
        new("approximate-unique", [Columns, new("exactWhenUndecided", "flag")],
            (b, f, s) => b.ApproximatelyUnique(f.Texts("columns"), s, f.Flag("exactWhenUndecided"))),
        new("row-count-match", Source, (b, f, s) => b.RowCountMatches(SourceOf(f), f.Tolerance("tolerance"), s)),
        new("aggregate-match", [Column, new("function", "text", true, [.. DocumentNames.All<AggregateFunction>()]), new("referenceColumn", "text"), .. Source],
            (b, f, s) => b.AggregateMatches(f.Enum<AggregateFunction>("function"), f.Text("column"), SourceOf(f, f.TextOrNull("referenceColumn")), f.Tolerance("tolerance"), s)),
        new("key-match", [Columns, new("reference", "text", true), new("referenceColumns", "key", true)],
            (b, f, s) => b.KeysMatch(f.Texts("columns"), f.Text("reference"), f.Texts("referenceColumns"), s)),
        new("distribution",
            [Column, new("test", "text", true, [.. DocumentNames.All<DistributionTest>()]), new("reference", "text", true), new("maximum", "number"), new("significance", "number"), new("effectMin", "number"), new("valuesMin", "integer")],
            (b, f, s) => b.DistributedAs(f.Text("column"), f.Enum<DistributionTest>("test"), f.Text("reference"), LimitsOf(f), s)),
        new("anomaly", [new("measure", "text", true, [.. Measures.Select(DocumentNames.Of)]), new("column", "text"), .. Baseline],
            (b, f, s) => b.NoAnomaly(f.Enum<SeriesMeasure>("measure"), f.TextOrNull("column"), BaselineOf(f), s)),
        new("schema-change", [], (b, _, s) => b.SchemaUnchanged(s)),
        new("committed", [new("at", "text", true), new("within", "duration", true), new("zone", "text", true)],
            (b, f, s) => b.CommittedBy(FreshnessSla.In(f.Time("at"), f.Duration("within"), f.Text("zone")), s)),
    ];

    private static SeriesMeasure[] Measures => [SeriesMeasure.Rows, SeriesMeasure.NullShare, SeriesMeasure.Mean, SeriesMeasure.Distinct, SeriesMeasure.AgeSeconds];

    private static MatchSource SourceOf(RuleFields fields, string? column = null) => (fields.TextOrNull("reference"), fields.TextOrNull("referenceFilter")) switch
    {
        ({ } relation, var filter) => MatchSource.Of(relation, filter, column),
        (null, { } filter) => MatchSource.Rows(filter, column),
        _ => throw fields.Wrong("reference", "is missing; name a relation, or give a referenceFilter for other rows of the table"),
    };

    private static DistributionLimits LimitsOf(RuleFields fields)
    {
        var defaults = new DistributionLimits();
        return new DistributionLimits
        {
            Maximum = fields.Double("maximum"),
            Significance = fields.Double("significance") ?? defaults.Significance,
            EffectMin = fields.Double("effectMin") ?? defaults.EffectMin,
            ValuesMin = fields.Int("valuesMin") ?? defaults.ValuesMin,
        };
    }

    private static BaselineOptions BaselineOf(RuleFields fields)
    {
        var defaults = new BaselineOptions();
        return new BaselineOptions
        {
            Window = fields.Int("window") ?? defaults.Window,
            PointsMin = fields.Int("pointsMin") ?? defaults.PointsMin,
            Weekly = fields.Flag("weekly"),
            Robust = fields.Flag("robust", defaults.Robust),
            FalseAlarmRate = fields.Double("falseAlarmRate") ?? defaults.FalseAlarmRate,
            SpreadFloorShare = fields.Double("spreadFloor") ?? defaults.SpreadFloorShare,
            Direction = fields.Enum<AnomalyDirection>("direction", defaults.Direction),
            Consecutive = fields.Int("consecutive") ?? defaults.Consecutive,
            Holidays = fields.Days("holidays").ToHashSet(),
        };
    }
}
