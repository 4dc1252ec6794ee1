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
}
