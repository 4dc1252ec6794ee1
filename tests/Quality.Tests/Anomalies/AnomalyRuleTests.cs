using DataPlatform.Kernel.Storage;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Quality.Tests.Anomalies;

/// <summary>From a run's measures to series, from series to verdicts, from what people say back to the baseline.</summary>
public sealed class AnomalyRuleTests : DuckDb.DuckDbFixture
{
    private static readonly DateTimeOffset Monday = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemorySeriesStore _series = new();

    public AnomalyRuleTests() => Runner = WithSeries(_series);

    [Fact]
    public async Task Every_run_fills_the_series_of_what_it_measured()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a', TIMESTAMP '2001-01-31'), (3, NULL, TIMESTAMP '2001-01-30')) v(n, s, d)");

        await RunAsync(0, b => b.NotNull("s", Severity.Info).AggregateBetween(AggregateFunction.Mean, "n", null, null)
            .AggregateBetween(AggregateFunction.DistinctCount, "n", null, null).FreshWithin("d", TimeSpan.FromDays(9)).ApproximatelyUnique(["s"], Severity.Info)
            .NotNull("n", new RuleSettings { Filter = "n > 2" }));

        Assert.Equal(
            ["t/d/age-seconds", "t/n/distinct", "t/n/mean", "t/rows", "t/s/distinct", "t/s/null-share"], await _series.ListAsync("t/", cancellationToken: Token));
        Assert.Equal([new MetricPoint(Monday, 2)], await _series.BeforeAsync("t/rows", Monday.AddDays(1), cancellationToken: Token));
        Assert.Equal(0.5, (await _series.BeforeAsync("t/s/null-share", Monday.AddDays(1), cancellationToken: Token)).Single().Value);
        Assert.Equal(86_400, (await _series.BeforeAsync("t/d/age-seconds", Monday.AddDays(1), cancellationToken: Token)).Single().Value);
    }

    [Theory]
    [InlineData(SeriesMeasure.Rows, null)]
    [InlineData(SeriesMeasure.NullShare, "x")]
    [InlineData(SeriesMeasure.Mean, "x")]
    [InlineData(SeriesMeasure.Distinct, "x")]
    [InlineData(SeriesMeasure.AgeSeconds, "d")]
    public async Task A_measure_that_leaves_its_past_behind_is_found(SeriesMeasure measure, string? column)
    {
        var outcomes = new List<Outcome>();
        for (var day = 0; day < 9; day++)
        {
            Table(day);
            outcomes.Add(Assert.Single((await RunAsync(day, b => b.NoAnomaly(measure, column))).Verdicts).Outcome);
        }

        Broken();
        var verdict = Assert.Single((await RunAsync(9, b => b.NoAnomaly(measure, column))).Verdicts);

        Assert.Equal([.. Enumerable.Repeat(Outcome.NoData, 5), .. Enumerable.Repeat(Outcome.Pass, 4)], outcomes);
        Assert.Equal(Outcome.Fail, verdict.Outcome);
        Assert.Contains("lies outside", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verdict_keeps_its_inputs_and_says_the_same_when_replayed_from_any_store()
    {
        using var folder = new TemporaryFile();
        var database = QualityDatabase.Open(folder.Path);
        Runner = WithSeries(new SqliteSeriesStore(database));
        SuiteResult last = null!;
        for (var day = 0; day < 8; day++)
        {
            Table(day);
            last = await RunAsync(day, b => b.NoAnomaly(SeriesMeasure.Rows, options: new BaselineOptions { Holidays = new HashSet<DateOnly> { new(2001, 1, 3) } }));
            await new SqliteQualityStore(database).AppendAsync(last, Token);
        }

        var kept = (await new SqliteQualityStore(database).ReadAsync("t", cancellationToken: Token).ToListAsync(Token))[^1].Verdicts[0];
        var evidence = AnomalyEvidence.Read(kept.Evidence!);
        var replayed = evidence.Replay();

        Assert.Equal(last.Verdicts[0].Evidence, kept.Evidence);
        Assert.Equal(7, evidence.History.Count);
        Assert.Equal(6, evidence.Verdict.Baseline.Count);
        Assert.Equal((evidence.Verdict.State, evidence.Verdict.Lower, evidence.Verdict.Upper, evidence.Verdict.Score), (replayed.State, replayed.Lower, replayed.Upper, replayed.Score));
        Assert.Throws<QualityException>(() => AnomalyEvidence.Read("{}"));
    }

    [Fact]
    public async Task So_many_in_a_row_make_an_alert_and_a_rerun_of_a_day_counts_once()
    {
        await QuietAsync(8);
        static QualitySuiteBuilder Rule(QualitySuiteBuilder b) => b.NoAnomaly(SeriesMeasure.Rows, options: new BaselineOptions { Consecutive = 3 });
        List<Outcome> outcomes = [];
        Broken();
        foreach (var day in new[] { 8, 8, 9, 9, 10 })
        {
            outcomes.Add((await RunAsync(day, Rule)).Verdicts[0].Outcome);
        }

        Assert.Equal([Outcome.Pass, Outcome.Pass, Outcome.Pass, Outcome.Pass, Outcome.Fail], outcomes);
    }

    [Fact]
    public async Task What_people_say_changes_the_baseline_of_the_next_run()
    {
        await QuietAsync(8);
        static QualitySuiteBuilder Rule(QualitySuiteBuilder b) => b.NoAnomaly(SeriesMeasure.Rows, options: new BaselineOptions { Robust = false });
        Broken();
        Assert.Equal(Outcome.Fail, (await RunAsync(8, Rule)).Verdicts[0].Outcome);

        Assert.True(await _series.MarkAsync("t/rows", Monday.AddDays(8), PointFeedback.FalsePositive, Token));
        Assert.Equal(Outcome.Pass, (await RunAsync(9, Rule)).Verdicts[0].Outcome);
        Assert.True(await _series.MarkAsync("t/rows", Monday.AddDays(8), PointFeedback.Real, Token));
        Assert.True(await _series.MarkAsync("t/rows", Monday.AddDays(9), PointFeedback.Real, Token));
        Assert.Equal(Outcome.Fail, (await RunAsync(10, Rule)).Verdicts[0].Outcome);
        Assert.False(await _series.MarkAsync("t/rows", Monday.AddDays(99), PointFeedback.Real, Token));
    }

    [Fact]
    public async Task A_holiday_is_no_data_and_days_of_the_week_are_compared_with_their_like()
    {
        for (var day = 0; day < 35; day++)
        {
            Execute($"CREATE OR REPLACE TABLE t AS SELECT i FROM range({(day % 7 >= 5 ? 30 : 1_000) + day}) r(i)");
            await RunAsync(day, b => b.RowCountBetween(0, null));
        }

        static QualitySuiteBuilder Weekly(QualitySuiteBuilder b) => b.NoAnomaly(
            SeriesMeasure.Rows, options: new BaselineOptions { Weekly = true, Holidays = new HashSet<DateOnly> { new(2001, 2, 12) } });
        Execute("CREATE OR REPLACE TABLE t AS SELECT i FROM range(70) r(i)");

        Assert.Equal(Outcome.Fail, (await RunAsync(35, Weekly)).Verdicts[0].Outcome);
        Assert.Equal(Outcome.Pass, (await RunAsync(40, Weekly)).Verdicts[0].Outcome);
        Assert.Equal(Outcome.NoData, (await RunAsync(42, Weekly)).Verdicts[0].Outcome);
    }

    [Fact]
    public async Task A_missing_day_is_no_zero_and_a_late_partition_opens_its_day_again()
    {
        foreach (var day in new[] { 0, 1, 2, 5, 6, 9, 13 })
        {
            Table(day);
            await RunAsync(day, b => b.RowCountBetween(0, null));
        }

        static QualitySuiteBuilder Rule(QualitySuiteBuilder b) => b.NoAnomaly(SeriesMeasure.Rows);
        Broken();
        Assert.Equal(Outcome.Fail, (await RunAsync(14, Rule)).Verdicts[0].Outcome);
        Table(14);
        var late = (await RunAsync(14, Rule)).Verdicts[0];

        Assert.Equal(Outcome.Pass, late.Outcome);
        Assert.All(AnomalyEvidence.Read(late.Evidence!).Verdict.Baseline, p => Assert.InRange(p.Value, 1_000, 1_014));
        Assert.InRange((await _series.BeforeAsync("t/rows", Monday.AddDays(15), cancellationToken: Token))[^1].Value, 1_000, 1_014);
    }

    [Fact]
    public async Task A_filtered_rule_has_a_series_of_its_own_and_an_unfiltered_one_shares_the_tables()
    {
        Table(0);
        var suite = await RunAsync(0, b => b.NoAnomaly(SeriesMeasure.Rows).NoAnomaly(SeriesMeasure.Rows, settings: new RuleSettings { Filter = "x > 1" }));

        Assert.Equal(["t/rows", $"t/rows?{suite.Verdicts[1].RuleId}"], await _series.ListAsync("t/", cancellationToken: Token));
    }

    [Fact]
    public async Task Without_a_store_of_series_an_anomaly_rule_is_an_error_and_hides_no_other()
    {
        Table(0);
        Runner = new DuckDbQualityRunner(Connection, time: Time);

        var result = await RunAsync(0, b => b.NoAnomaly(SeriesMeasure.Rows).NotNull("d").NoAnomaly(SeriesMeasure.AgeSeconds).NoAnomaly(SeriesMeasure.Mean, "d"));

        Assert.Equal([Outcome.Error, Outcome.Pass, Outcome.Error, Outcome.Error], result.Verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task Changed_columns_are_found_and_the_new_ones_are_the_next_past()
    {
        Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { Shapes = new ShapeHistory(new InMemoryObjectStore()), Series = _series }, Time);
        List<Verdict> verdicts = [];
        foreach (var (day, columns) in new[] { (0, "1 AS a, 'x' AS b"), (1, "1 AS a, 'x' AS b"), (2, "1::BIGINT AS a, 2 AS c"), (2, "1::BIGINT AS a, 2 AS c"), (3, "1::BIGINT AS a, 2 AS c") })
        {
            Execute($"CREATE OR REPLACE TABLE t AS SELECT {columns}");
            verdicts.Add(Assert.Single((await RunAsync(day, b => b.SchemaUnchanged())).Verdicts));
        }

        Assert.Equal([Outcome.NoData, Outcome.Pass, Outcome.Fail, Outcome.Fail, Outcome.Pass], verdicts.Select(v => v.Outcome));
        Assert.Equal("column 'b' is gone, it was VARCHAR; column 'a' is BIGINT, it was INTEGER; column 'c' is new as INTEGER.",
            string.Join("; ", verdicts[2].Message.TrimEnd('.').Split("; ").OrderBy(m => m[8] switch { 'b' => 0, 'a' => 1, _ => 2 })) + ".");
        Assert.Equal([0, 3, 0], (await _series.BeforeAsync("t/schema-changes", Monday.AddDays(9), cancellationToken: Token)).Select(p => p.Value));
    }

    [Theory]
    [InlineData("a/b", "c d", SeriesMeasure.NullShare)]
    [InlineData("t", null, SeriesMeasure.Rows)]
    public void A_name_can_be_taken_apart(string table, string? column, SeriesMeasure measure)
        => Assert.Equal((table, column, measure), SeriesName.Parse(SeriesName.Of(table, measure, column?.ToUpperInvariant())));

    private DuckDbQualityRunner WithSeries(ISeriesStore series) => new(Connection, new QualityRunnerOptions { Series = series }, Time);

    private async Task<SuiteResult> RunAsync(int day, Func<QualitySuiteBuilder, QualitySuiteBuilder> rules)
        => await Runner.RunAsync(rules(new QualitySuiteBuilder("t")).Build(), new QualityTarget("t") { At = Monday.AddDays(day) }, Token);

    private async Task QuietAsync(int days)
    {
        for (var day = 0; day < days; day++)
        {
            Table(day);
            await RunAsync(day, b => b.RowCountBetween(0, null));
        }
    }

    private void Table(int day) => Execute(
        $"CREATE OR REPLACE TABLE t AS SELECT CASE WHEN i % 20 = 0 THEN NULL ELSE (i % 500) + {day % 3} END AS x, TIMESTAMP '2001-01-31 {10 + (day % 3)}:00:00' AS d FROM range({1_000 + (day % 3 * 7)}) r(i)");

    private void Broken() => Execute("CREATE OR REPLACE TABLE t AS SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE 7000 + (i % 9) END AS x, TIMESTAMP '2001-01-21' AS d FROM range(200) r(i)");

    private sealed class TemporaryFile : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("quality-series-").FullName;

        public string Path => System.IO.Path.Combine(_folder, "quality.db");

        public void Dispose()
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
