using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>Rules and data that end a query, or its reading, in odd ways: each is its own rule's error, and the rules beside it are judged.</summary>
public sealed class HostileRuleTests : DuckDbFixture
{
    private static readonly (string Name, Func<QualitySuiteBuilder, QualitySuiteBuilder> Rule, string Says)[] Table =
    [
        ("an expression for all columns", b => b.RowSql("COLUMNS(*) IS NOT NULL"), "name the columns"),
        ("a filter for all columns", b => b.InRange("id", 0, 9, new RuleSettings { Filter = "COLUMNS(*) IS NOT NULL" }), "name the columns"),
        ("a parameter", b => b.RowSql("id = $1"), "has a parameter"),
        ("a parameter in a filter", b => b.InRange("id", 0, 9, new RuleSettings { Filter = "id = ?" }), "has a parameter"),
        ("a parameter in a SELECT", b => b.CustomSql("c", "select count(*) from {table} where id = $x"), "has a parameter"),
        ("a count below zero", b => b.CustomSql("c", "select -5"), "no number of violations"),
        ("a count beyond all counting", b => b.CustomSql("c", "select 170141183460469231731687303715884105727::hugeint"), "no number of violations"),
        ("an endless day", b => b.CustomSql("c", "select 'infinity'::date"), "infinite date"),
        ("a time of a far year", b => b.CustomSql("c", "select TIMESTAMP '12024-01-01'", CustomSqlMode.Boolean), "outside the range"),
        ("a union", b => b.CustomSql("c", "select union_value(a := 1)"), "Union"),
        ("a range without limits over text", b => b.InRange("s", null, null), "says nothing"),
    ];

    public static TheoryData<string> Names => [.. Table.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_is_an_error_of_its_own_rule_alone(string name)
    {
        Execute("CREATE TABLE t AS SELECT i AS id, 'k' AS s FROM range(5) r(i)");
        var (_, rule, says) = Table.Single(t => t.Name == name);

        var verdicts = (await RunAsync(b => rule(b.NotNull("s").InRange("id", 0, 4)).RowCountBetween(5, 5))).Verdicts;

        Assert.Equal([Outcome.Pass, Outcome.Pass, Outcome.Error, Outcome.Pass], verdicts.Select(v => v.Outcome));
        Assert.Contains(says, verdicts[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_without_end_is_stopped_and_hides_no_other_rule()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS id");
        Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { QueryTimeMax = TimeSpan.FromSeconds(2) }, Time);

        var verdicts = (await RunAsync(b => b
            .NotNull("id").CustomSql("endless", "with recursive r as (select 1 i union all select i from r) select count(*) from r", CustomSqlMode.Rows)
            .RowSql("(with recursive r as (select 1 i union all select i from r) select count(*) from r) > 0").RowSql("id > 0").InRange("id", 0, 2))).Verdicts;

        Assert.Equal([Outcome.Pass, Outcome.Error, Outcome.Error, Outcome.Pass, Outcome.Pass], verdicts.Select(v => v.Outcome));
        Assert.All(verdicts.Where(v => v.Outcome == Outcome.Error), v => Assert.Contains("stopped after 00:00:02", v.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Distinct_values_of_no_rows_are_no_data_and_of_nothing_but_null_none()
    {
        Execute("CREATE TABLE t AS SELECT NULL::INTEGER AS a, 1 AS id");

        var verdicts = (await RunAsync(b => b
            .AggregateBetween(AggregateFunction.DistinctCount, "a", 1, null)
            .AggregateBetween(AggregateFunction.DistinctCount, "a", 1, null, new RuleSettings { Filter = "id > 1" }))).Verdicts;

        Assert.Equal([Outcome.Fail, Outcome.NoData], verdicts.Select(v => v.Outcome));
    }

    [Fact]
    public async Task A_filter_may_call_the_table_by_its_name_in_a_reference_rule_too()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'x'), (2, 'y')) v(id, s); CREATE TABLE other AS SELECT 1 AS id");

        var verdict = await VerdictAsync(b => b.References("id", "other", "id", new RuleSettings { Filter = "t.s = 'x'" }));

        Assert.Equal((Outcome.Pass, 1L), (verdict.Outcome, verdict.Evaluated));
    }

    [Fact]
    public async Task A_field_of_a_struct_is_asked_of_in_sql_and_the_message_says_so()
    {
        Execute("CREATE TABLE t AS SELECT {'city': NULL::VARCHAR} AS address, 1 AS id");

        var verdicts = (await RunAsync(b => b.NotNull("address.city").RowSql("address.city IS NOT NULL").NotNull("i.d"))).Verdicts;

        Assert.Equal([Outcome.Error, Outcome.Fail, Outcome.Error], verdicts.Select(v => v.Outcome));
        Assert.Contains("a row-sql rule on address.city", verdicts[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("row-sql", verdicts[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bigint", "1152921504606846976 + i")]
    [InlineData("decimal(38,10)", "1234567890123456.0000000001::decimal(38,10) + i * 0.0000000001::decimal(38,10)")]
    [InlineData("hugeint", "170141183460469231731687303715884100000::hugeint + i")]
    public async Task Numbers_with_more_digits_than_a_double_are_told_apart_in_a_profile(string type, string value)
    {
        Execute($"CREATE TABLE t AS SELECT CAST({value} AS {type}) AS id FROM range(5000) r(i)");

        var profile = Assert.Single((await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token)).Profiles());

        Assert.InRange(profile.Distinct, 4_750, 5_250);
    }

    [Fact]
    public async Task An_endless_day_is_not_finite_in_a_profile_and_no_null()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (DATE 'infinity'), (DATE '2001-01-31'), (NULL)) v(d)");

        var profile = Assert.Single((await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token)).Profiles());

        Assert.Equal((3L, 1L, 1L), (profile.Rows, profile.Nulls, profile.NotFinite));
    }

    [Fact]
    public async Task A_long_value_is_shown_by_its_beginning()
    {
        Execute("CREATE TABLE t AS SELECT repeat('x', 100000) AS s, 'y' AS z");

        var row = (await VerdictAsync(b => b.LengthBetween("s", 0, 5))).Sample.Rows[0];

        Assert.Equal((RowSample.ValueMax + 3, "y"), (row[0]!.Length, row[1]));
    }

    [Fact]
    public async Task A_type_is_the_same_under_each_of_its_names()
    {
        Execute("CREATE TABLE t (a DECIMAL(10,0), b VARCHAR, c BIGINT, d TIMESTAMPTZ, e TIMESTAMP, f HUGEINT, g UINTEGER)");

        Assert.Equal(Outcome.Pass, (await VerdictAsync(b => b.Schema(
            [new("a", "numeric(10)"), new("b", "char(3)"), new("c", "int64"), new("d", "timestamptz"), new("e", "timestamp without time zone"), new("f", "int128"), new("g", "uint32")]))).Outcome);
    }

    [Theory]
    [InlineData("12024-01-01", Outcome.Error, "ahead of this clock")]
    [InlineData("290000-01-01", Outcome.Error, "ahead of this clock")]
    [InlineData("0044-03-15 (BC)", Outcome.Fail, "old")]
    public async Task A_time_outside_the_calendar_is_judged_and_hides_no_other_rule(string time, Outcome outcome, string says)
    {
        Execute($"CREATE TABLE t AS SELECT TIMESTAMP '{time}' AS d, 1 AS id");
        Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { Series = new InMemorySeriesStore() }, Time);

        var verdicts = (await RunAsync(b => b.NotNull("id").FreshWithin("d", TimeSpan.FromDays(1)).NoAnomaly(SeriesMeasure.AgeSeconds, "d"))).Verdicts;

        Assert.Equal([Outcome.Pass, outcome, Outcome.NoData], verdicts.Select(v => v.Outcome));
        Assert.Contains(says, verdicts[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_tells_times_of_the_calendar_and_leaves_others_as_numbers()
    {
        Execute("CREATE TABLE t AS SELECT * FROM (VALUES (TIMESTAMP '2001-01-31'), (TIMESTAMP '12024-01-01')) v(d)");

        var profile = Assert.Single((await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token)).Profiles());

        Assert.Equal(new DateTimeOffset(2001, 1, 31, 0, 0, 0, TimeSpan.Zero), Quality.Profiles.ColumnProfile.TimeOf(profile.Minimum!.Value));
        Assert.Null(Quality.Profiles.ColumnProfile.TimeOf(profile.Maximum!.Value));
    }

    [Fact]
    public async Task A_long_text_of_an_author_is_not_repeated_whole_in_the_message()
    {
        Execute("CREATE TABLE t AS SELECT 1 AS id");

        var verdict = await VerdictAsync(b => b.RowSql(string.Join(" + ", Enumerable.Repeat("1", 3_000)) + " > 0"));

        Assert.Equal(Outcome.Error, verdict.Outcome);
        Assert.InRange(verdict.Message.Length, 1, 1_000);
    }

    /// <summary>What a table says of a text a stream says too: both go by the spelling first and by the value then.</summary>
    [Fact]
    public async Task A_text_reads_as_another_type_in_a_table_exactly_when_it_does_in_a_stream()
    {
        string[] texts =
        [
            "12", "+12", "-0", " 12", "12 ", "12\n", "12.5", "12.", ".5", "-", "", "1e3", "1e400", "1,000", "1_000", "0x1F", "\uff11\uff12", "NaN", "inf", "9223372036854775807",
            "9223372036854775808", new string('9', 41), "true", "T", "yes", "on", "0", "2", " true", "2024-01-31", "2024-1-5", "2024/01/05", "20240131", "2024-02-30",
            " 2024-01-31", "2024-01-31 ", "2024-01-31 10:00", "2024-01-31T10:00:00", "2024-01-31 10:00:00.123456", "2024-01-31 25:00:00", "2024-01-31 10:60",
            "2024-01-31T10:00:00Z", "2024-01-31 10:00:00+02", "2024-01-31 10:00:00+02:00", "2024-01-31 10:00:00 Europe/Berlin", "infinity", "epoch", "2024-01-31 (BC)",
            "12024-01-31", "March 5", "10:00",
        ];
        Dictionary<ColumnFamily, string[]> readable = new()
        {
            [ColumnFamily.Integer] = ["12", "+12", "-0", "9223372036854775807", "0", "2", "20240131"],
            [ColumnFamily.Decimal] = ["12", "+12", "-0", "12.5", "12.", ".5", "9223372036854775807", "9223372036854775808", new string('9', 41), "0", "2", "20240131"],
            [ColumnFamily.Float] = ["12", "+12", "-0", "12.5", "12.", ".5", "1e3", "9223372036854775807", "9223372036854775808", new string('9', 41), "0", "2", "20240131"],
            [ColumnFamily.Boolean] = ["true", "T", "yes", "0"],
            [ColumnFamily.Date] = ["2024-01-31"],
            [ColumnFamily.Timestamp] = ["2024-01-31", "2024-01-31 10:00", "2024-01-31T10:00:00", "2024-01-31 10:00:00.123456", "2024-01-31T10:00:00Z", "2024-01-31 10:00:00+02", "2024-01-31 10:00:00+02:00"],
        };
        readable[ColumnFamily.Instant] = readable[ColumnFamily.Timestamp];
        Execute("CREATE TABLE t (s VARCHAR)");
        foreach (var text in texts)
        {
            Execute($"INSERT INTO t VALUES ('{text}')");
        }

        Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { SampleRowsMax = 1_000 }, Time);
        foreach (var (family, expected) in readable)
        {
            var suite = new QualitySuiteBuilder("t").CastableTo("s", family).Build();
            var gate = RowGate<string>.Build(suite, new Dictionary<string, Func<string, object?>> { ["s"] = text => text });
            var refused = (await Runner.RunAsync(suite, new QualityTarget("t"), Token)).Verdicts[0].Sample.Rows.Select(r => r[0]!).ToList();

            Assert.Equal(expected.Order(StringComparer.Ordinal), texts.Except(refused).Order(StringComparer.Ordinal));
            Assert.Equal(expected.Order(StringComparer.Ordinal), texts.Where(gate.Passes).Order(StringComparer.Ordinal));
        }
    }
}
