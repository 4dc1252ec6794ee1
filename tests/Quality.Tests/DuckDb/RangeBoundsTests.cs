using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class RangeBoundsTests : DuckDbFixture
{
    [Theory]
    [InlineData("1.0::DOUBLE, 5, NULL, 0.5")]
    [InlineData("1.0::DOUBLE, 'nan', 3")]
    [InlineData("'nan'::DOUBLE, 'nan', NULL")]
    [InlineData("'-inf'::DOUBLE, 2, 'inf'")]
    [InlineData("NULL::DOUBLE, NULL")]
    [InlineData("3::INTEGER, 4, NULL, -7")]
    [InlineData("3.5::DECIMAL(9,2), 4.25, NULL")]
    public async Task Ranges_of_one_column_find_together_what_each_finds_alone(string values)
    {
        Execute($"CREATE TABLE t AS SELECT unnest([{values}]) AS x");
        Func<QualitySuiteBuilder, QualitySuiteBuilder>[] ranges =
        [
            b => b.InRange("x", 0, 5), b => b.InRange("x", 1, 4), b => b.InRange("x", null, 3), b => b.InRange("x", 2, null),
            b => b.InRange("x", -100, 100), b => b.InRange("X", 3, 3),
            b => b.InRange("x", 0, 4, new RuleSettings { Filter = "x > 1" }), b => b.InRange("x", 0, 9, new RuleSettings { Filter = "x > 1" }),
            b => b.InRange("x", 3, 9, new RuleSettings { Filter = "x > 1" }),
        ];
        List<(Outcome, long?)> alone = [];
        foreach (var range in ranges)
        {
            var verdict = await VerdictAsync(range);
            alone.Add((verdict.Outcome, verdict.Violations));
        }

        var together = await RunAsync(b => ranges.Aggregate(b, (suite, range) => range(suite)));

        Assert.Equal(alone, together.Verdicts.Select(v => (v.Outcome, v.Violations)));
    }

    [Fact]
    public async Task Ranges_that_hold_cost_one_scan_and_one_that_breaks_a_second_only_the_first_time()
    {
        Execute("CREATE TABLE t AS SELECT i AS x FROM range(100) r(i)");
        static QualitySuiteBuilder Ranges(QualitySuiteBuilder b) => b.InRange("x", 0, null).InRange("x", null, 99).InRange("x", -1, 200).NotNull("x");

        Assert.Equal(1, (await RunAsync(Ranges)).Queries.Scans);
        var broken = await RunAsync(b => Ranges(b).InRange("x", 0, 97));

        Assert.Equal((2, 2), (broken.Queries.Scans, broken.Verdicts[^1].Violations));
        Assert.Equal(1, (await RunAsync(b => Ranges(b).InRange("x", 0, 97))).Queries.Scans);
    }

    [Fact]
    public async Task Ranges_of_a_file_that_hold_cost_no_reading_beside_rules_that_read()
    {
        await InFileAsync("SELECT i AS x, i / 2.0 AS y, 'k' || i AS s FROM range(5000) r(i)", async () =>
        {
            Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { GroupedTestsMin = 0, GroupedValuesMax = 0, SampleRowsMax = 0 }, Time);

            var result = await RunAsync(b => b.InRange("x", 0, 4_999).InRange("y", 0, 2_499.5m).InRange("y", 1, null).Matches("s", "k[0-9]+").InRange("s", "a", "z"));

            Assert.Equal([0, 0, 2, 0, 0], result.Verdicts.Select(v => v.Violations));
            Assert.Equal(1, result.Queries.Scans);
        });
    }

    [Fact]
    public async Task Ranges_that_footers_settle_hold_over_a_file_whose_rows_cannot_be_read()
    {
        await InFileAsync("SELECT i AS x, DATE '2001-01-01' + i::INTEGER AS d FROM range(5000) r(i)", async () =>
        {
            Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { GroupedTestsMin = 0, SampleRowsMax = 0 }, Time);

            var result = await RunAsync(b => b.InRange("x", 0, 4_999).InRange("d", new DateOnly(2001, 1, 1), null).InRange("x", 0, 4_998));

            Assert.Equal([Outcome.Pass, Outcome.Pass, Outcome.Error], result.Verdicts.Select(v => v.Outcome));
        }, Spoil);
    }

    [Fact]
    public async Task Footers_tell_bounds_and_tables_and_views_of_some_rows_do_not()
    {
        await InFileAsync("SELECT i AS x, i / 2.0 AS y FROM range(5000) r(i)", async () =>
        {
            var engine = new DuckDbMetricEngine(Connection);
            Execute("CREATE TABLE kept AS SELECT * FROM t; CREATE VIEW partly AS SELECT * FROM t WHERE x > 1");

            Assert.True(await engine.TellsBoundsAsync(["x", "y"], new QualityTarget("t"), Token));
            Assert.False(await engine.TellsBoundsAsync(["x"], new QualityTarget("kept"), Token));
            Assert.False(await engine.TellsBoundsAsync(["x"], new QualityTarget("partly"), Token));
        });
    }

    /// <summary>Overwrites all rows and leaves the footer, whose length stands before the last four bytes.</summary>
    private static void Spoil(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        bytes.AsSpan(4, bytes.Length - 12 - footer).Fill(0xFF);
        File.WriteAllBytes(file, bytes);
    }

    private async Task InFileAsync(string rows, Func<Task> look, Action<string>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("quality-bounds-").FullName;
        try
        {
            var file = Path.Combine(folder, "t.parquet");
            Execute($"COPY ({rows}) TO '{file}' (FORMAT parquet)");
            change?.Invoke(file);
            FileRelation.Register(Connection, "t", file);
            await look();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
