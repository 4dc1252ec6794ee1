using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Freshness;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>
/// What can be wrong with a rule or with the data, one row each: the outcome says what, in words an author can act on, and the good rules beside it are judged as if it
/// were not there. Every row runs over all rows, by values, and on a sample.
/// </summary>
public sealed class BadInputTests : DuckDbFixture
{
    private static readonly FreshnessSla Sla = FreshnessSla.In(TimeOnly.MinValue, TimeSpan.FromHours(1), "UTC");

    private static readonly (string Name, Func<QualitySuiteBuilder, QualitySuiteBuilder> Rule, Outcome Outcome, string Says)[] Table =
    [
        ("a missing column", b => b.NotNull("ghost"), Outcome.Error, "'t' has no column 'ghost'"),
        ("a missing column in a key", b => b.Unique(["id", "ghost"]), Outcome.Error, "no column 'ghost'"),
        ("a missing column in a filter", b => b.NotNull("id", new RuleSettings { Filter = "ghost > 1" }), Outcome.Error, "ghost"),
        ("a missing column to compare with", b => b.Compare("id", Comparison.Equal, "ghost"), Outcome.Error, "no column 'ghost'"),
        ("a missing column of another table", b => b.KeysMatch(["id"], "other", ["ghost"]), Outcome.Error, "'other' has no column 'ghost'"),
        ("a number for a text", b => b.InRange("s", 1, 2), Outcome.Error, "cannot be compared with the number 1"),
        ("a text for a number", b => b.InSet("id", ["1"]), Outcome.Error, "cannot be compared with the text '1'"),
        ("a day for a number", b => b.InRange("id", new DateOnly(2001, 1, 1), null), Outcome.Error, "cannot be compared with the day"),
        ("columns that cannot compare", b => b.Compare("id", Comparison.Equal, "s"), Outcome.Error, "cannot be compared without a conversion"),
        ("a mean of texts", b => b.AggregateBetween(AggregateFunction.Mean, "s", 0, 1), Outcome.Error, "of numbers only"),
        ("a length of numbers", b => b.LengthBetween("id", 1, 2), Outcome.Error, "of text only"),
        ("a time that is none", b => b.FreshWithin("id", TimeSpan.FromDays(1)), Outcome.Error, "of dates and times only"),
        ("NaN and infinity in a range", b => b.InRange("x", 0, 1e300), Outcome.Fail, " rows "),
        ("NaN and infinity in a spread", b => b.AggregateBetween(AggregateFunction.StandardDeviation, "x", 0, 1_000_000), Outcome.Pass, "standard deviation"),
        ("NaN in a comparison", b => b.Compare("x", Comparison.AtLeast, "x"), Outcome.Fail, " rows "),
        ("SQL that does not parse", b => b.RowSql("id >"), Outcome.Error, "does not parse"),
        ("SQL that does not parse as a condition", b => b.When("id >", "true"), Outcome.Error, "does not parse"),
        ("SQL that does not compute", b => b.RowSql("CAST(s AS INTEGER) > 0"), Outcome.Error, "Could not convert"),
        ("SQL that would write", b => b.CustomSql("c", "delete from t"), Outcome.Error, "rules only read"),
        ("SQL that would write by the way", b => b.CustomSql("c", "select 1; drop table t"), Outcome.Error, "rules only read"),
        ("SQL that would leave", b => b.CustomSql("c", "select count(*) from read_text('/etc/hostname')"), Outcome.Error, "reads the relations it is given"),
        ("SQL that would leave in a filter", b => b.RowCountMatches(MatchSource.Rows("id in (select size from read_text('/etc/hostname'))")), Outcome.Error, "reads the relations it is given"),
        ("a pattern that is none", b => b.Matches("s", "[a-z"), Outcome.Error, "missing ]"),
        ("a table that vanished", b => b.References("id", "vanished", "id"), Outcome.Error, "vanished"),
        ("another table that vanished", b => b.RowCountMatches(MatchSource.Of("vanished")), Outcome.Error, "vanished"),
        ("a clock behind", b => b.FreshWithin("ahead", TimeSpan.FromDays(1)), Outcome.Error, "ahead of this clock"),
        ("a commit that nobody told of", b => b.CommittedBy(Sla), Outcome.Error, "table gate"),
        ("a reference that is not there", b => b.DistributedAs("id", DistributionTest.Psi, "june"), Outcome.Error, "There is no reference 'june'"),
        ("a past that is not kept", b => b.NoAnomaly(SeriesMeasure.Rows), Outcome.Error, "no store of series"),
        ("no rows under a filter", b => b.NotNull("id", new RuleSettings { Filter = "id < 0" }), Outcome.NoData, "no rows to look at"),
        ("no values at all", b => b.AggregateBetween(AggregateFunction.Mean, "nothing", 0, 1), Outcome.NoData, "too few values"),
    ];

    public static TheoryData<string> Names => [.. Table.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_is_a_clear_outcome_of_its_own_rule_alone(string name)
    {
        Execute("CREATE TABLE other AS SELECT 1 AS id");
        Execute(
            "CREATE TABLE t AS SELECT i AS id, 'k' || (i % 5) AS s, CASE i % 10 WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' ELSE i::VARCHAR END::DOUBLE AS x, NULL::INTEGER AS nothing, TIMESTAMP '2031-01-01' AS ahead FROM range(5000) r(i)");
        var (_, rule, outcome, says) = Table.Single(t => t.Name == name);
        foreach (var options in new[] { new QualityRunnerOptions(), new QualityRunnerOptions { GroupedTestsMin = 0 }, new QualityRunnerOptions { Sample = new SamplingOptions { Rows = 1_000, WholeWhereUnsound = true } } })
        {
            Runner = new DuckDbQualityRunner(Connection, options, Time);

            var verdicts = (await RunAsync(b => rule(b.NotNull("s", new RuleSettings { Threshold = Threshold.Percent(50) })).Matches("s", "k[0-9]", new RuleSettings { Threshold = Threshold.Percent(50) }).RowCountBetween(5_000, 5_000))).Verdicts;

            Assert.Equal([Outcome.Pass, outcome, Outcome.Pass, Outcome.Pass], verdicts.Select(v => v.Outcome));
            Assert.Contains(options.Sample is null || outcome == Outcome.Error ? says : string.Empty, verdicts[1].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_empty_table_is_no_data_of_every_rule_but_those_about_its_being_empty()
    {
        Execute("CREATE TABLE other AS SELECT 1 AS id");
        Execute("CREATE TABLE t (id INTEGER, s VARCHAR, x DOUBLE, d TIMESTAMP)");
        Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { Series = new InMemorySeriesStore(), GroupedTestsMin = 0 }, Time);

        var result = await RunAsync(b => b
            .NotNull("id").InRange("id", 0, 1).InSet("s", ["a"]).Matches("s", "a").When("id > 0", "x > 0").Compare("id", Comparison.AtMost, "x").Unique("id").ApproximatelyUnique(["id"])
            .References("id", "other", "id").AggregateBetween(AggregateFunction.Mean, "x", 0, 1).FreshWithin("d", TimeSpan.FromHours(1)).NoAnomaly(SeriesMeasure.NullShare, "id").NoAnomaly(SeriesMeasure.Mean, "x")
            .AggregateMatches(AggregateFunction.Mean, "x", MatchSource.Of("other", column: "id"))
            .RowCountBetween(1, null).RowCountMatches(MatchSource.Of("other")).KeysMatch(["id"], "other", ["id"]));

        Assert.All(result.Verdicts.SkipLast(3), v => Assert.True(v.Outcome == Outcome.NoData, $"{v.Rule}: {v.Outcome} {v.Message}"));
        Assert.All(result.Verdicts.TakeLast(3), v => Assert.Equal(Outcome.Fail, v.Outcome));
    }

    [Fact]
    public async Task All_of_it_at_once_still_judges_each()
    {
        Execute("CREATE TABLE other AS SELECT 1 AS id");
        Execute("CREATE TABLE t AS SELECT i AS id, 'k' || (i % 5) AS s, CASE i % 10 WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' ELSE i::VARCHAR END::DOUBLE AS x, NULL::INTEGER AS nothing, TIMESTAMP '2031-01-01' AS ahead FROM range(500) r(i)");

        var result = await RunAsync(b => Table.Aggregate(b, (s, t) => t.Rule(s)));

        Assert.Equal(Table.Select(t => (t.Name, t.Outcome)), result.Verdicts.Zip(Table, (v, t) => (t.Name, v.Outcome)));
    }
}
