using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class TableRuleTests : DuckDbFixture
{
    [Fact]
    public async Task Unique_counts_surplus_rows_and_leaves_null_keys_alone()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (1, 'a'), (1, 'b'), (NULL, 'c'), (NULL, 'c')) v(k, s)");

        var verdict = await VerdictAsync(b => b.Unique(["k", "s"]));
        var strict = await VerdictAsync(b => b.Unique(["k", "s"], nullsEqual: true));

        Assert.Equal((Outcome.Fail, 2, 6), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
        Assert.Equal(["k", "s", "occurrences"], verdict.Sample.Columns);
        Assert.Equal([["1", "a", "3"]], verdict.Sample.Rows);
        Assert.Equal(3, strict.Violations);
    }

    [Fact]
    public async Task Unique_rules_over_one_key_with_different_filters_share_a_grouping()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, 'b'), (2, 'b')) v(k, s)");

        var result = await RunAsync(b => b
            .Unique("k").Unique("k", new RuleSettings { Filter = "s = 'a'" }).Unique("k", new RuleSettings { Filter = "s = 'b'" }));

        Assert.Equal([3L, 1L, 1L], result.Verdicts.Select(v => v.Violations!.Value));
        Assert.Equal((1, 1), (result.Queries.Scans, result.Queries.Groupings));
    }

    [Fact]
    public async Task References_ignore_null_children_and_survive_null_parents()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('ATL'), ('XXX'), (NULL)) v(dest)");
        Execute("CREATE TABLE airports_2001 AS SELECT * FROM (VALUES ('ATL'), (NULL)) v(iata)");
        var suite = new QualitySuiteBuilder("t").References("dest", "airports", "iata").Build();
        var target = new QualityTarget("t") { References = new Dictionary<string, string> { ["airports"] = "airports_2001" } };

        var verdict = Assert.Single((await Runner.RunAsync(suite, target, Token)).Verdicts);

        Assert.Equal((Outcome.Fail, 1, 3), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
        Assert.Equal([["XXX"]], verdict.Sample.Rows);
    }

    [Fact]
    public async Task A_missing_reference_table_is_an_error_of_that_rule_alone()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS k");

        var result = await RunAsync(b => b.References("k", "nowhere", "id").NotNull("k"));

        Assert.Equal([Outcome.Error, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
        Assert.Contains("nowhere", result.Verdicts[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Freshness_is_elapsed_time_in_utc()
    {
        Execute("CREATE TABLE t AS SELECT TIMESTAMP '2001-01-31 23:30:00' AS d UNION ALL SELECT 'infinity'::TIMESTAMP");

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.FreshWithin("d", TimeSpan.FromMinutes(30)))).Outcome);
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.FreshWithin("d", TimeSpan.FromMinutes(29)))).Outcome);
    }

    [Fact]
    public async Task A_time_far_ahead_of_the_clock_cannot_be_judged()
    {
        Execute("CREATE TABLE t AS SELECT TIMESTAMPTZ '2001-02-01 00:10:00+00' AS d");

        var verdict = await VerdictAsync(b => b.FreshWithin("d", TimeSpan.FromHours(1)));

        Assert.Equal(Outcome.Error, verdict.Outcome);
        Assert.Contains("ahead of this clock", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aggregates_leave_out_what_is_not_finite_and_so_spare_the_scan()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1.0::DOUBLE), (3), ('inf'::DOUBLE), ('nan'::DOUBLE), (NULL)) v(x)");

        var result = await RunAsync(b => b
            .AggregateBetween(AggregateFunction.Mean, "x", 2, 2)
            .AggregateBetween(AggregateFunction.StandardDeviation, "x", 1.41m, 1.42m)
            .AggregateBetween(AggregateFunction.Sum, "x", 4, 4)
            .AggregateBetween(AggregateFunction.Maximum, "x", 3, 3)
            .AggregateBetween(AggregateFunction.DistinctCount, "x", 2, 2));

        Assert.All(result.Verdicts, v => Assert.Equal(Outcome.Pass, v.Outcome));
        Assert.Equal((1, 0), (result.Queries.Scans, result.Queries.Repeats));
    }

    [Fact]
    public async Task A_whole_number_is_compared_with_a_fraction_exactly()
    {
        Execute("CREATE TABLE t AS SELECT 3::BIGINT AS x");

        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.AggregateBetween(AggregateFunction.Sum, "x", 3.5m, 4))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.AggregateBetween(AggregateFunction.Sum, "x", 2.5m, 3.5m))).Outcome);
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.AggregateBetween(AggregateFunction.Sum, "x", null, 2.5m))).Outcome);
    }

    [Fact]
    public async Task Schema_findings_name_what_is_missing_what_is_extra_and_what_has_another_type()
    {
        Execute("CREATE TABLE t (a INTEGER, b VARCHAR, c DECIMAL(18,2))");

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.Schema([new("A", "int"), new("c", "numeric(18, 2)"), "b"], SchemaMatch.NoExtra))).Outcome);
        Assert.Contains("order", (await VerdictAsync(b => b.Schema(["c", "b", "a"], SchemaMatch.Exact))).Message, StringComparison.Ordinal);
        var verdict = await VerdictAsync(b => b.Schema([new("a", "text"), "z"], SchemaMatch.NoExtra));
        Assert.Equal(3, verdict.Violations);
        Assert.Contains("'a' is INTEGER, not text", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("'z' is missing (there are a, b, c)", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("unexpected columns 'b', 'c'", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_sql_counts_judges_or_lists()
    {
        Execute("CREATE TABLE t AS SELECT i FROM range(10) r(i)");

        Assert.Equal(2, (await VerdictAsync(b => b.CustomSql("c", "select count(*) from {table} where i > 7;"))).Violations);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.CustomSql("b", "select max(i) = 9 from {table}", CustomSqlMode.Boolean))).Outcome);
        var rows = await VerdictAsync(b => b.CustomSql("r", "select i from {table} where i > 7 -- big", CustomSqlMode.Rows));
        Assert.Equal((Outcome.Fail, 2), (rows.Outcome, rows.Violations));
        Assert.Equal([["8"], ["9"]], rows.Sample.Rows);
    }

    [Theory]
    [InlineData("select 'three'", "no whole number")]
    [InlineData("select i from t", "more than one row")]
    [InlineData("selec 1", "does not parse")]
    public async Task Custom_sql_that_says_nothing_usable_is_an_error(string sql, string reason)
    {
        Execute("CREATE TABLE t AS SELECT i FROM range(3) r(i)");

        var verdict = await VerdictAsync(b => b.CustomSql("c", sql));

        Assert.Equal(Outcome.Error, verdict.Outcome);
        Assert.Contains(reason, verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_sql_without_an_answer_is_no_data()
    {
        Execute("CREATE TABLE t (i INTEGER)");

        Assert.Equal(Outcome.NoData, (await VerdictAsync(b => b.CustomSql("c", "select max(i) from {table}"))).Outcome);
    }
}
