using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>Asking each different value once counts what asking each row counts.</summary>
public sealed class GroupedValuesTests : DuckDbFixture
{
    private static readonly Func<QualitySuiteBuilder, QualitySuiteBuilder>[] Rules =
    [
        b => b.InSet("s", ["a", "b"]), b => b.NotInSet("s", ["c", "it's"]), b => b.Matches("s", "[a-z]"), b => b.LengthBetween("s", 1, 2), b => b.CastableTo("s", ColumnFamily.Integer),
        b => b.InRange("s", "b", null), b => b.NotNull("s"), b => b.NotNull("n"), b => b.InSet("s", ["a"], new RuleSettings { Filter = "n > 1" }), b => b.Matches("S", "x?"),
    ];

    public GroupedValuesTests()
        => Execute("CREATE TABLE t AS SELECT v AS s, i % 7 AS n FROM range(1000) r(i), (VALUES ('a'), ('b'), ('c'), (NULL), ('it''s'), ('12'), (''), ('äöü')) x(v)");

    [Fact]
    public async Task Conditions_on_a_column_of_few_values_count_as_row_by_row()
    {
        Runner = With(values: 0);
        var byRow = await RunAsync(b => Rules.Aggregate(b, (s, rule) => rule(s)));
        Runner = With(values: 100);
        var byValue = await RunAsync(b => Rules.Aggregate(b, (s, rule) => rule(s)));

        Assert.Equal(byRow.Verdicts.Select(v => (v.Outcome, v.Violations, v.Evaluated)), byValue.Verdicts.Select(v => (v.Outcome, v.Violations, v.Evaluated)));
        Assert.Equal((0, 1), (byRow.Queries.Values, byValue.Queries.Values));
        Assert.Contains(byValue.Verdicts, v => v.Violations is > 0 and < 8_000);
    }

    [Fact]
    public async Task A_column_of_many_values_a_small_table_and_a_single_condition_are_not_grouped()
    {
        static QualitySuiteBuilder Two(QualitySuiteBuilder b) => b.InSet("s", ["a"]).Matches("s", "[a-z]");
        Runner = With(values: 6);
        Assert.Equal(0, (await RunAsync(Two)).Queries.Values);
        Runner = With(values: 100, tests: 8_001);
        Assert.Equal(0, (await RunAsync(Two)).Queries.Values);
        Runner = With(values: 100);
        Assert.Equal(0, (await RunAsync(b => b.InSet("s", ["a"]).NotNull("s"))).Queries.Values);
    }

    [Fact]
    public async Task Whole_numbers_dates_and_truth_values_that_lie_close_count_as_row_by_row()
    {
        Execute("""
            CREATE OR REPLACE TABLE t AS SELECT CASE WHEN i % 11 = 0 THEN NULL ELSE i % 50 - 9 END AS n, (i % 7 = 0) AS b, DATE '2001-01-01' + (i % 40)::INTEGER AS d,
              i * 1000000007 AS far, i / 3.0 AS x FROM range(8000) r(i)
            """);
        Func<QualitySuiteBuilder, QualitySuiteBuilder>[] rules =
        [
            b => b.InRange("n", 0, 30), b => b.InRange("n", -9, 40), b => b.InRange("n", null, 12), b => b.InSet("n", [1, 2, 3]), b => b.NotNull("n"),
            b => b.InSet("b", [true]), b => b.NotInSet("b", [false]), b => b.InRange("d", new DateTime(2001, 1, 5), null), b => b.InRange("d", null, new DateTime(2001, 2, 1)),
            b => b.InRange("far", 0, 5), b => b.InRange("far", 5, null), b => b.InRange("x", 0.5m, 100.25m), b => b.InRange("x", 1, 99),
        ];
        Runner = With(values: 0);
        var byRow = await RunAsync(b => rules.Aggregate(b, (s, rule) => rule(s)));
        Runner = With(values: 100);

        foreach (var expected in new[] { 3, 3 })
        {
            var byValue = await RunAsync(b => rules.Aggregate(b, (s, rule) => rule(s)));

            Assert.Equal(byRow.Verdicts.Select(v => (v.Outcome, v.Violations, v.Evaluated)), byValue.Verdicts.Select(v => (v.Outcome, v.Violations, v.Evaluated)));
            Assert.Equal((0, expected), (byRow.Queries.Values, byValue.Queries.Values));
        }
    }

    [Fact]
    public async Task Ranges_that_bounds_settle_are_not_asked_of_values()
    {
        Runner = With(values: 100);

        Assert.Equal(0, (await RunAsync(b => b.InRange("n", 0, 6).InRange("n", -1, 7).InRange("n", null, 9))).Queries.Values);
    }

    [Theory]
    [InlineData(2, 7_986, 1)]
    [InlineData(2, 7_987, 0)]
    [InlineData(4, 23_972, 1)]
    [InlineData(4, 23_973, 0)]
    public async Task Grouping_is_chosen_by_what_it_spares(int conditions, long tests, int queries)
    {
        // 8,000 rows of 7 values: each condition beyond the first spares a test of each row and costs, as the first does, one of each value.
        Runner = With(values: 100, tests);

        var result = await RunAsync(b => Enumerable.Range(1, conditions).Aggregate(b, (suite, n) => suite.LengthBetween("s", 0, n)));

        Assert.Equal(queries, result.Queries.Values);
    }

    [Fact]
    public async Task A_table_that_grew_is_looked_at_anew()
    {
        Runner = With(values: 100, tests: 10_000);
        static QualitySuiteBuilder Two(QualitySuiteBuilder b) => b.InSet("s", ["a"]).Matches("s", "[a-z]");
        Assert.Equal(0, (await RunAsync(Two)).Queries.Values);
        Execute("INSERT INTO t SELECT * FROM t; INSERT INTO t SELECT * FROM t");

        Assert.Equal(0, (await RunAsync(Two)).Queries.Values);
        Assert.Equal(1, (await RunAsync(Two)).Queries.Values);
    }

    [Fact]
    public async Task A_pattern_that_is_none_hides_no_other_among_values_either()
    {
        Runner = With(values: 100);

        var result = await RunAsync(b => b.Matches("s", "[a-z").Matches("s", "[a-z]").InSet("s", ["a"]).LengthBetween("s", 0, 9));

        Assert.Equal([Outcome.Error, Outcome.Fail, Outcome.Fail, Outcome.Pass], result.Verdicts.Select(v => v.Outcome));
        Assert.Equal((4_000, 6_000), (result.Verdicts[1].Violations, result.Verdicts[2].Violations));
    }

    private DuckDbQualityRunner With(int values, long tests = 0)
        => new(Connection, new QualityRunnerOptions { GroupedValuesMax = values, GroupedTestsMin = tests, SampleRowsMax = 0 }, Time);
}
