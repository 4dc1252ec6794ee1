using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>An estimate passes or fails only where its interval lies wholly on one side of the threshold.</summary>
public sealed class ApproximateUniqueTests : DuckDbFixture
{
    [Fact]
    public async Task Many_duplicates_fail_whatever_the_error()
    {
        Execute("CREATE TABLE t AS SELECT i % 30000 AS k FROM range(60000) r(i)");

        var verdict = await VerdictAsync(b => b.ApproximatelyUnique(["k"]));

        Assert.Equal((Outcome.Fail, 60_000), (verdict.Outcome, verdict.Evaluated));
        Assert.InRange(verdict.Violations!.Value, 28_000, 30_000);
        Assert.Contains("0.81", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_duplicates_passes_a_threshold_wider_than_the_error_and_is_undecided_within_it()
    {
        Execute("CREATE TABLE t AS SELECT i AS k, i % 7 AS m FROM range(60000) r(i)");
        static RuleSettings Borne(decimal percent) => new() { Threshold = Threshold.Percent(percent) };

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.ApproximatelyUnique(["k", "m"], Borne(6)))).Outcome);
        var undecided = await VerdictAsync(b => b.ApproximatelyUnique(["k"], Borne(0.1m)));

        Assert.Equal(Outcome.NoData, undecided.Outcome);
        Assert.StartsWith("Not decidable", undecided.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_estimate_does_not_decide_is_counted_exactly_on_request()
    {
        Execute("CREATE TABLE t AS SELECT greatest(i, 2) AS k FROM range(60000) r(i) UNION ALL SELECT NULL UNION ALL SELECT NULL");

        var result = await RunAsync(b => b.ApproximatelyUnique(["k"], exactWhenUndecided: true));
        var verdict = Assert.Single(result.Verdicts);

        Assert.Equal((Outcome.Fail, 2, 60_002), (verdict.Outcome, verdict.Violations, verdict.Evaluated));
        Assert.Equal(2, result.Queries.Groupings);
        Assert.Equal(1, (await RunAsync(b => b.ApproximatelyUnique(["k"], new RuleSettings { Threshold = Threshold.Percent(50) }, exactWhenUndecided: true))).Queries.Groupings);
    }

    [Theory]
    [InlineData("range(100)", 100)]
    [InlineData("range(5000)", 5_000)]
    [InlineData("range(300000)", 300_000)]
    public async Task The_engines_sketch_stays_within_four_standard_errors(string rows, long count)
    {
        Execute($"CREATE TABLE t AS SELECT 'key-' || i AS k FROM {rows} r(i)");

        var observed = double.Parse((await VerdictAsync(b => b.ApproximatelyUnique(["k"], new RuleSettings { Threshold = Threshold.Percent(50) }))).Observed!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(observed / count, 1 - (4 * 0.0082), 1 + (4 * 0.0082));
    }

    [Fact]
    public async Task An_empty_table_is_no_data()
    {
        Execute("CREATE TABLE t (k INTEGER)");

        Assert.Equal(Outcome.NoData, (await VerdictAsync(b => b.ApproximatelyUnique(["k"]))).Outcome);
    }
}
