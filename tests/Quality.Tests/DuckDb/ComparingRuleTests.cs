using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>Rules that hold a table against its other columns and against other tables.</summary>
public sealed class ComparingRuleTests : DuckDbFixture
{
    [Fact]
    public async Task Columns_compare_row_by_row_null_holds_and_nan_does_not()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1.0::DOUBLE, 2.0::DOUBLE), (2, 2), (3, 2), (NULL, 2), ('nan', 2), (1, 'nan'), ('nan', NULL)) v(a, b)");

        async Task<long?> Broken(Comparison c) => (await VerdictAsync(b => b.Compare("a", c, "b"))).Violations;

        Assert.Equal(
            [4, 3, 4, 3, 3, 4],
            [await Broken(Comparison.LessThan), await Broken(Comparison.AtMost), await Broken(Comparison.Equal), await Broken(Comparison.NotEqual), await Broken(Comparison.AtLeast), await Broken(Comparison.GreaterThan)]);
    }

    [Fact]
    public async Task Columns_of_different_families_are_not_compared()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a, '1' AS b");

        var verdict = await VerdictAsync(b => b.Compare("a", Comparison.Equal, "b"));

        Assert.Equal(Outcome.Error, verdict.Outcome);
        Assert.Contains("'a' is INTEGER and 'b' is VARCHAR", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conditional_demand_is_made_where_its_condition_is_true_and_counts_all_rows()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (true, 1), (true, NULL), (false, 2), (NULL, 3), (true, 9)) v(cancelled, n)");

        var verdict = await VerdictAsync(b => b.When("cancelled", "n < 5"));

        Assert.Equal((Outcome.Fail, 1, 5), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
        Assert.Equal([["true", "9"]], verdict.Sample.Rows);
    }

    [Fact]
    public async Task Row_counts_match_another_table_within_a_tolerance()
    {
        Execute("CREATE TABLE t AS SELECT * FROM range(103) r(i); CREATE TABLE u AS SELECT * FROM range(100) r(i)");

        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.RowCountMatches(MatchSource.Of("u")))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.RowCountMatches(MatchSource.Of("u"), Tolerance.Percent(3)))).Outcome);
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.RowCountMatches(MatchSource.Of("u"), Tolerance.Percent(2.99m)))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.RowCountMatches(MatchSource.Of("u"), Tolerance.Absolute(3)))).Outcome);
        var filtered = await VerdictAsync(b => b.RowCountMatches(MatchSource.Of("u", "i < 3"), default, new RuleSettings { Filter = "i < 3" }));
        Assert.Equal((Outcome.Pass, "It is 3 here and 3 in u where i < 3."), (filtered.Outcome, filtered.Message));
    }

    [Fact]
    public async Task Aggregates_match_another_table_and_other_rows_of_the_same()
    {
        Execute("CREATE TABLE t AS SELECT i % 2 AS day, i AS n FROM range(10) r(i); CREATE TABLE u AS SELECT 1 + i AS m FROM range(10) r(i)");

        var result = await RunAsync(b => b
            .AggregateMatches(AggregateFunction.Sum, "n", MatchSource.Of("u", column: "m"), Tolerance.Absolute(10))
            .AggregateMatches(AggregateFunction.Sum, "n", MatchSource.Of("u", column: "m"), Tolerance.Absolute(9.99m), new RuleSettings { Filter = "true" })
            .AggregateMatches(AggregateFunction.Mean, "n", MatchSource.Rows("day = 0"), Tolerance.Percent(25), new RuleSettings { Filter = "day = 1" })
            .AggregateMatches(AggregateFunction.Maximum, "n", MatchSource.Rows("day = 0"), default, new RuleSettings { Filter = "day = 1" }));

        Assert.Equal([Outcome.Pass, Outcome.Fail, Outcome.Pass, Outcome.Fail], result.Verdicts.Select(v => v.Outcome));
        Assert.Equal((1, 1), (result.Queries.Scans, result.Queries.References));
    }

    [Fact]
    public async Task A_comparison_with_an_empty_side_is_no_data_and_with_a_missing_table_an_error_of_that_rule_alone()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS n; CREATE TABLE u (n INTEGER)");

        var result = await RunAsync(b => b
            .AggregateMatches(AggregateFunction.Mean, "n", MatchSource.Of("u"))
            .RowCountMatches(MatchSource.Of("nowhere"))
            .AggregateMatches(AggregateFunction.Mean, "n", MatchSource.Of("u", column: "zz"))
            .NotNull("n"));

        Assert.Equal([Outcome.NoData, Outcome.Error, Outcome.Error, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
        Assert.Contains("zz", result.Verdicts[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_match_in_both_directions_whatever_their_number_and_order()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES ('a', 1), ('a', 1), ('b', 2), (NULL, 3)) v(k, n)");
        Execute("CREATE TABLE u AS SELECT * FROM (VALUES ('a', 1), ('c', 9), ('d', 9), (NULL, 4)) v(x, y)");

        var verdict = await VerdictAsync(b => b.KeysMatch(["k", "n"], "u", ["x", "y"]));

        Assert.Equal((Outcome.Fail, 3), (verdict.Outcome, verdict.Violations));
        Assert.Equal("2 keys of u are missing here, and 1 keys here are missing there.", verdict.Message);
        Assert.Equal(["c", "d"], verdict.Sample.Rows.Select(r => r[0]).Order(StringComparer.Ordinal));
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.KeysMatch(["k"], "u", ["x"], new RuleSettings { Threshold = Threshold.Count(3) }))).Outcome);
    }

    [Fact]
    public void Tolerances_are_exact_for_whole_numbers_and_decimals_of_any_size()
    {
        var huge = System.Numerics.BigInteger.Pow(10, 40);

        Assert.True(Tolerance.Percent(10).Allows(huge + (huge / 10), huge));
        Assert.False(Tolerance.Percent(10).Allows(huge + (huge / 10) + 1, huge));
        Assert.True(Tolerance.Absolute(0.3m).Allows(0.1m + 0.2m + 0.3m, 0.3m));
        Assert.False(Tolerance.Absolute(0.3m).Allows(0.6000000000000000000000000001m, 0.3m));
        Assert.True(Tolerance.Percent(50).Allows(-5m, -10m));
        Assert.False(Tolerance.None.Allows(double.NaN, 1.0));
    }
}
