using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class IsolationTests : DuckDbFixture
{
    [Fact]
    public async Task Many_rules_cost_one_scan()
    {
        Execute("CREATE TABLE t AS SELECT i AS a, i AS b FROM range(100) r(i)");

        var result = await RunAsync(b =>
        {
            for (var limit = 1; limit <= 40; limit++)
            {
                b.InRange("a", 0, 99 + limit).InRange("b", -limit, null);
            }

            return b.NotNull("a").NotNull("b").RowCountBetween(100, 100);
        });

        Assert.True(result.Passed);
        Assert.Equal(new QueryCounts(Scans: 1), result.Queries);
    }

    [Fact]
    public async Task A_scan_with_very_many_expressions_is_split()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a");
        Runner = new Quality.DuckDb.DuckDbQualityRunner(Connection, new QualityRunnerOptions { ScanExpressionsMax = 10 }, Time);

        var result = await RunAsync(b => Enumerable.Range(1, 24).Aggregate(b, (s, i) => s.InRange("a", 1, i)));

        Assert.Equal(3, result.Queries.Scans);
        Assert.All(result.Verdicts, v => Assert.Equal(Outcome.Pass, v.Outcome));
    }

    [Fact]
    public async Task One_failing_expression_among_many_is_found_and_hides_no_other()
    {
        Execute("CREATE TABLE t AS SELECT i AS a, 'x' || i AS s FROM range(50) r(i)");
        QualitySuiteBuilder Rules(QualitySuiteBuilder b) => Enumerable.Range(0, 31)
            .Aggregate(b, (s, i) => s.InRange("a", 0, i))
            .RowSql("CAST(s AS INTEGER) > 0")
            .RowSql("ghost > 1");

        var first = await RunAsync(Rules);

        Assert.Equal(Enumerable.Range(0, 31).Select(i => (long?)(49 - i)), first.Verdicts.Take(31).Select(v => v.Violations));
        Assert.Equal([Outcome.Error, Outcome.Error], first.Verdicts.Skip(31).Select(v => v.Outcome));
        Assert.Contains("Could not convert", first.Verdicts[31].Message, StringComparison.Ordinal);
        Assert.Contains("ghost", first.Verdicts[32].Message, StringComparison.Ordinal);
        Assert.InRange(first.Queries.Repeats, 1, 4 * 6);

        // Known trouble-makers are sent alone the next time, so the rest is scanned once.
        var second = await RunAsync(Rules);
        Assert.Equal((3, 0), (second.Queries.Scans, second.Queries.Repeats));
        Assert.Equal(first.Verdicts.Select(v => v.Outcome), second.Verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task A_sum_that_outgrows_its_type_is_an_error_of_its_rule_alone()
    {
        Execute("CREATE TABLE t AS SELECT 99999999999999999999999999999999999999::DECIMAL(38,0) AS big, i AS n FROM range(50) r(i)");

        var result = await RunAsync(b => b.NotNull("n").AggregateBetween(AggregateFunction.Sum, "big", 0, null).InRange("n", 0, 49).AggregateBetween(AggregateFunction.Sum, "n", 1225, 1225));

        Assert.Equal([Outcome.Pass, Outcome.Error, Outcome.Pass, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task A_missing_column_is_an_error_that_names_it_and_the_columns_there_are()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a, 2 AS b");

        var result = await RunAsync(b => b.NotNull("delay").NotNull("a"));

        Assert.Equal(Outcome.Error, result.Verdicts[0].Outcome);
        Assert.Equal("'t' has no column 'delay'; it has a, b.", result.Verdicts[0].Message);
        Assert.Equal(Outcome.Pass, result.Verdicts[1].Outcome);
        Assert.False(result.Passed);
        var closed = Assert.Throws<GateFailedException>(result.EnsurePassed);
        Assert.Contains("delay", closed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_another_type_than_the_column_is_an_error_and_not_a_conversion()
    {
        Execute("CREATE TABLE t AS SELECT 'a' AS s, 1 AS n, TIMESTAMP '2001-01-01' AS d");

        var result = await RunAsync(b => b
            .InRange("s", 1, 2).InSet("n", ["1"]).Matches("n", ".*").FreshWithin("n", TimeSpan.FromDays(1))
            .AggregateBetween(AggregateFunction.Mean, "s", 0, 1)
            .InRange("d", new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero), null)
            .InRange("d", new DateTime(2001, 1, 1), null));

        Assert.All(result.Verdicts.SkipLast(1), v => Assert.Equal(Outcome.Error, v.Outcome));
        Assert.Equal(Outcome.Pass, result.Verdicts[^1].Outcome);
        Assert.Equal("Column 's' is VARCHAR, which cannot be compared with the number 1.", result.Verdicts[0].Message);
    }

    [Fact]
    public async Task A_vanished_table_is_an_error_of_every_rule()
    {
        var result = await RunAsync(b => b.RowCountBetween(0, null).NotNull("a"));

        Assert.All(result.Verdicts, v => Assert.Equal(Outcome.Error, v.Outcome));
        Assert.Contains("t", result.Verdicts[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_critical_failures_and_errors_close_the_gate()
    {
        Execute("CREATE TABLE t AS SELECT NULL::INTEGER AS a");

        Assert.True((await RunAsync(b => b.NotNull("a", Severity.Warning).NotNull("zz", Severity.Info))).Passed);
        Assert.False((await RunAsync(b => b.NotNull("a"))).Passed);
    }

    [Fact]
    public async Task Cancellation_is_not_a_verdict()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS a");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Runner.RunAsync(new QualitySuiteBuilder("t").NotNull("a").Build(), new QualityTarget("t"), stop.Token));
    }
}
