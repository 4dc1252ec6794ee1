using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class RowRuleTests : DuckDbFixture
{
    [Fact]
    public async Task Not_null_counts_nulls_and_shows_their_rows()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, NULL), (3, NULL)) v(k, s)");

        var verdict = await VerdictAsync(b => b.NotNull("s"));

        Assert.Equal((Outcome.Fail, 2, 3), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
        Assert.Equal(["k", "s"], verdict.Sample.Columns);
        Assert.Equal([["2", null], ["3", null]], verdict.Sample.Rows);
    }

    [Fact]
    public async Task Range_includes_its_limits_ignores_null_and_refuses_nan_even_without_an_upper_limit()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1.0::DOUBLE), (5), (NULL), ('nan'::DOUBLE), ('inf'::DOUBLE), (0.5)) v(x)");

        Assert.Equal(3, (await VerdictAsync(b => b.InRange("x", 1, 5))).Violations);
        Assert.Equal(2, (await VerdictAsync(b => b.InRange("x", 1, null))).Violations);
        Assert.Equal(2, (await VerdictAsync(b => b.InRange("x", null, 5))).Violations);
    }

    [Fact]
    public async Task Set_holds_for_null_and_fails_for_strangers()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('a'), ('b'), (NULL), ('it''s')) v(s)");

        Assert.Equal(1, (await VerdictAsync(b => b.InSet("s", ["a", "b"]))).Violations);
        Assert.Equal(1, (await VerdictAsync(b => b.NotInSet("s", ["it's", "z"]))).Violations);
    }

    [Fact]
    public async Task Pattern_must_match_the_whole_text()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('ATL'), ('ATLX'), ('xATL'), (NULL)) v(s)");

        Assert.Equal(2, (await VerdictAsync(b => b.Matches("s", "[A-Z]{3}"))).Violations);
    }

    [Fact]
    public async Task Length_counts_code_points()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('ab'), ('äöü'), ('abcd'), (NULL)) v(s)");

        Assert.Equal(1, (await VerdictAsync(b => b.LengthBetween("s", 2, 3))).Violations);
    }

    [Fact]
    public async Task An_integer_is_told_by_its_spelling_since_a_cast_would_round()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('12'), ('-7'), ('12.5'), ('1e3'), ('x'), (''), (NULL), ('99999999999999999999')) v(s)");

        Assert.Equal(5, (await VerdictAsync(b => b.CastableTo("s", ColumnFamily.Integer))).Violations);
        Assert.Equal(3, (await VerdictAsync(b => b.CastableTo("s", ColumnFamily.Decimal))).Violations);
        Assert.Equal(2, (await VerdictAsync(b => b.CastableTo("s", ColumnFamily.Float))).Violations);
    }

    [Fact]
    public async Task A_row_expression_holds_when_unknown_and_may_end_in_a_comment()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 2), (2, 1), (NULL, 1)) v(a, b)");

        Assert.Equal(1, (await VerdictAsync(b => b.RowSql("a <= b -- in order"))).Violations);
    }

    [Fact]
    public async Task A_filter_narrows_the_rows_looked_at()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'x'), (NULL, 'x'), (NULL, 'y'), (NULL, NULL)) v(a, s)");

        var verdict = await VerdictAsync(b => b.NotNull("a", new RuleSettings { Filter = "s = 'x'" }));

        Assert.Equal((1, 2), (verdict.Violations, verdict.Evaluated));
        Assert.Equal([[null, "x"]], verdict.Sample.Rows);
    }

    [Fact]
    public async Task A_percent_threshold_is_compared_exactly()
    {
        Execute("CREATE TABLE t AS SELECT CASE WHEN i < 3 THEN NULL ELSE i END AS a FROM range(1000) r(i)");

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.NotNull("a", new RuleSettings { Threshold = Threshold.Percent(0.3m) }))).Outcome);
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.NotNull("a", new RuleSettings { Threshold = Threshold.Percent(0.299999999999m) }))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.NotNull("a", new RuleSettings { Threshold = Threshold.Count(3) }))).Outcome);
    }

    [Fact]
    public async Task An_empty_table_is_no_data_and_never_a_division()
    {
        Execute("CREATE TABLE t (a INTEGER, d TIMESTAMP)");

        var result = await RunAsync(b => b
            .NotNull("a", new RuleSettings { Threshold = Threshold.Percent(1) })
            .Unique("a").AggregateBetween(AggregateFunction.Mean, "a", 0, 1).FreshWithin("d", TimeSpan.FromHours(1)).RowCountBetween(1, null));

        Assert.Equal([Outcome.NoData, Outcome.NoData, Outcome.NoData, Outcome.NoData, Outcome.Fail], result.Verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task Names_and_values_with_quotes_in_them_are_only_names_and_values()
    {
        Execute("CREATE TABLE t (\"a\"\"; DROP TABLE t; --\" VARCHAR); INSERT INTO t VALUES ('x'''), ('y')");

        var verdict = await VerdictAsync(b => b.InSet("a\"; DROP TABLE t; --", ["x'", "'); DROP TABLE t; --"]));

        Assert.Equal((Outcome.Fail, 1, 2), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
    }

    [Fact]
    public async Task Masked_columns_are_counted_but_not_shown()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS k, 'secret' AS mail");

        var verdict = await VerdictAsync(b => b.InRange("k", 2, 3).MaskInSamples("MAIL"));

        Assert.Equal([["1", RowSample.Masked]], verdict.Sample.Rows);
    }
}
