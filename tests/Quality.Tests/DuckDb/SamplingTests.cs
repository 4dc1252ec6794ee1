using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>A sample judges only where its interval does; what it cannot judge is refused by name.</summary>
public sealed class SamplingTests : DuckDbFixture
{
    // So sure that a test that draws anew in each run fails once in a million runs.
    private static readonly SamplingOptions Sure = new() { Rows = 10_000, Confidence = 0.999999 };

    public SamplingTests()
    {
        Runner = Sampled(new SamplingOptions { Rows = 10_000 });
        Execute("CREATE TABLE t AS SELECT i AS id, CASE WHEN hash(i) % 100 < 5 THEN NULL ELSE (hash(i + 1) % 1000)::DOUBLE END AS x, CASE WHEN i = 77 THEN NULL ELSE i END AS rare FROM range(200000) r(i)");
    }

    [Theory]
    [InlineData(7, Outcome.Pass)]
    [InlineData(5, Outcome.NoData)]
    [InlineData(3, Outcome.Fail)]
    public async Task A_share_is_judged_by_its_whole_interval(int percent, Outcome expected)
    {
        Runner = Sampled(Sure);
        var verdict = await VerdictAsync(b => b.NotNull("x", new RuleSettings { Threshold = Threshold.Percent(percent) }));

        Assert.Equal((expected, 10_000), (verdict.Outcome, verdict.Evaluated));
        Assert.Contains(" confidence", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_is_a_share_of_the_tables_rows()
    {
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.NotNull("x", new RuleSettings { Threshold = Threshold.Count(14_000) }))).Outcome);
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.NotNull("x", new RuleSettings { Threshold = Threshold.Count(6_000) }))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.NotNull("x", new RuleSettings { Threshold = Threshold.Count(7_000), Filter = "id % 2 = 0" }))).Outcome);
    }

    [Fact]
    public async Task A_demand_without_exception_can_be_broken_by_a_sample_and_never_kept()
    {
        Assert.Equal(Outcome.Fail, (await VerdictAsync(b => b.NotNull("x"))).Outcome);
        var rare = await VerdictAsync(b => b.InRange("id", 0, 200_000));

        Assert.Equal(Outcome.NoData, rare.Outcome);
        Assert.StartsWith("Not decidable by a sample", rare.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Means_and_medians_have_intervals()
    {
        Runner = Sampled(Sure);
        var result = await RunAsync(b => b
            .AggregateBetween(AggregateFunction.Mean, "x", 440, 560).AggregateBetween(AggregateFunction.Mean, "x", 560, null).AggregateBetween(AggregateFunction.Mean, "x", 499.5m, 700)
            .AggregateBetween(AggregateFunction.Median, "x", 420, 580).AggregateBetween(AggregateFunction.Median, "x", null, 420));

        Assert.Equal([Outcome.Pass, Outcome.Fail, Outcome.NoData, Outcome.Pass, Outcome.Fail], result.Verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task What_a_sample_cannot_judge_is_refused_by_name_or_read_whole_on_request()
    {
        Execute("CREATE TABLE other AS SELECT i AS id FROM range(200000) r(i)");
        static QualitySuiteBuilder Rules(QualitySuiteBuilder b) => b
            .Unique("id").ApproximatelyUnique(["id"], new RuleSettings { Threshold = Threshold.Percent(9) }).References("id", "other", "id").KeysMatch(["id"], "other", ["id"])
            .AggregateBetween(AggregateFunction.Maximum, "id", 199_999, 199_999).AggregateBetween(AggregateFunction.DistinctCount, "id", 200_000, 200_000)
            .AggregateBetween(AggregateFunction.Sum, "id", 1, null).CustomSql("c", "select 0").RowCountMatches(MatchSource.Of("other"));

        var refused = await RunAsync(Rules);
        Runner = Sampled(new SamplingOptions { Rows = 10_000, WholeWhereUnsound = true });
        var whole = await RunAsync(Rules);

        Assert.All(refused.Verdicts, v => Assert.Equal(Outcome.Error, v.Outcome));
        Assert.All(refused.Verdicts, v => Assert.StartsWith("Refused on a sample: ", v.Message, StringComparison.Ordinal));
        Assert.Contains("utmost value", refused.Verdicts[4].Message, StringComparison.Ordinal);
        Assert.All(whole.Verdicts, v => Assert.Equal((Outcome.Pass, v.Rule), (v.Outcome, v.Rule)));
    }

    [Fact]
    public async Task Counts_of_rows_and_columns_are_exact_and_a_small_table_is_judged_whole()
    {
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.RowCountBetween(200_000, 200_000))).Outcome);
        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.Schema(["id", "x"]))).Outcome);
        Runner = Sampled(new SamplingOptions { Rows = 200_000 });
        Assert.Equal((Outcome.Fail, 1), ((await VerdictAsync(b => b.NotNull("rare"))).Outcome, (await VerdictAsync(b => b.NotNull("rare"))).Violations));
    }

    [Fact]
    public async Task A_bad_rule_hides_no_other_on_a_sample_either()
    {
        var result = await RunAsync(b => b.RowSql("CAST(('k' || id) AS INTEGER) > 1").NotNull("ghost").NotNull("x", new RuleSettings { Threshold = Threshold.Percent(9) }));

        Assert.Equal([Outcome.Error, Outcome.Error, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
        Assert.All((await new DuckDbQualityRunner(Connection, new QualityRunnerOptions { Sample = new SamplingOptions() }, Time).RunAsync(
            new QualitySuiteBuilder("gone").NotNull("x").Build(), new QualityTarget("gone"), Token)).Verdicts, v => Assert.Equal(Outcome.Error, v.Outcome));
    }

    [Fact]
    public void Intervals_hold_the_truth_as_often_as_they_say()
    {
        var random = new Random(3);
        var (shares, means, medians) = (0, 0, 0);
        const int Times = 2_000;
        for (var i = 0; i < Times; i++)
        {
            double[] values = [.. Enumerable.Range(0, 400).Select(_ => -Math.Log(1 - random.NextDouble()))];
            var share = SampleIntervals.Share(values.Count(v => v > 2), values.Length, 0.95);
            var mean = SampleIntervals.Mean(values, 0.95);
            var median = SampleIntervals.Quantile(values, 0.5, 0.95);
            shares += share.Low <= Math.Exp(-2) && Math.Exp(-2) <= share.High ? 1 : 0;
            means += mean.Low <= 1 && 1 <= mean.High ? 1 : 0;
            medians += median.Low <= Math.Log(2) && Math.Log(2) <= median.High ? 1 : 0;
        }

        Assert.InRange((double)shares / Times, 0.935, 0.97);
        Assert.InRange((double)means / Times, 0.93, 0.965);
        Assert.InRange((double)medians / Times, 0.94, 0.975);
    }

    [Fact]
    public void Wilsons_interval_matches_its_reference()
    {
        // scipy: binomtest(10, 100).proportion_ci(0.95, 'wilson')
        var (low, high) = SampleIntervals.Share(10, 100, 0.95);

        Assert.Equal((0.05522914, 0.17436566), (Math.Round(low, 8), Math.Round(high, 8)));
        Assert.Equal((0.0, 1.0), (SampleIntervals.Share(0, 50, 0.95).Low, SampleIntervals.Share(50, 50, 0.95).High));
    }

    private DuckDbQualityRunner Sampled(SamplingOptions sample) => new(Connection, new QualityRunnerOptions { Sample = sample, SampleRowsMax = 0 }, Time);
}
