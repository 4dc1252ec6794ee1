using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests;

/// <summary>A rule judged record by record must say what it says over a table; the same values go through both.</summary>
public sealed class RowGateTests : DuckDb.DuckDbFixture
{
    public static TheoryData<string> Kinds => ["not-null", "range", "range-min", "set", "not-in-set", "pattern", "length", "integer", "decimal", "float", "date-range", "compare-numbers", "compare-texts"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_record_is_judged_as_a_row(string kind)
    {
        var suite = Rule(kind, new QualitySuiteBuilder("t")).Build();
        Record[] records =
        [
            new(null, null, null), new(1, "ATL", new DateOnly(2001, 1, 1)), new(double.NaN, "12.5", new DateOnly(2000, 1, 1)), new(double.PositiveInfinity, "1e3", null),
            new(5, "12", null), new(5.0001, "", new DateOnly(2002, 1, 1)), new(-60, "it's", null), new(0, "äöü", null), new(3, "inf", null), new(4, "ATLX", null), new(2, ".5", null),
        ];
        Execute("CREATE TABLE t (id INTEGER, n DOUBLE, s VARCHAR, d DATE, m DOUBLE AS (CASE WHEN n = 0 THEN NULL ELSE 4 END), u VARCHAR AS ('12'))");
        for (var i = 0; i < records.Length; i++)
        {
            using var command = Connection.CreateCommand();
            command.CommandText = "INSERT INTO t (id, n, s, d) VALUES ($1, $2, $3, $4)";
            foreach (var value in new object?[] { i, records[i].N, records[i].S, records[i].D })
            {
                command.Parameters.Add(new global::DuckDB.NET.Data.DuckDBParameter(value ?? DBNull.Value));
            }

            command.ExecuteNonQuery();
        }

        var verdict = Assert.Single((await new Quality.DuckDb.DuckDbQualityRunner(Connection, new QualityRunnerOptions { SampleRowsMax = 100 }, Time).RunAsync(suite, new QualityTarget("t"), Token)).Verdicts);
        var gate = RowGate<Record>.Build(suite, new Dictionary<string, Func<Record, object?>> { ["N"] = r => r.N, ["s"] = r => r.S, ["d"] = r => r.D, ["m"] = r => r.N is 0 ? null : 4.0, ["u"] = _ => "12" });

        var failed = records.Select((r, i) => (r, i)).Where(p => !gate.Passes(p.r)).Select(p => $"{p.i}");
        Assert.Equal(verdict.Sample.Rows.Select(r => r[0]!).Order(StringComparer.Ordinal), failed.Order(StringComparer.Ordinal));
        Assert.NotEmpty(verdict.Sample.Rows);
    }

    [Fact]
    public void Only_rules_from_a_severity_on_are_asked_and_sql_is_refused()
    {
        var columns = new Dictionary<string, Func<Record, object?>> { ["s"] = r => r.S };
        var suite = new QualitySuiteBuilder("t").NotNull("s").LengthBetween("s", 3, 3, Severity.Warning).RowCountBetween(1, null).Build();

        Assert.Equal("not-null", Assert.Single(RowGate<Record>.Build(suite, columns).Rules).Kind);
        Assert.Equal("length", RowGate<Record>.Build(suite, columns, Severity.Info).FirstFailure(new Record(1, "x", null))!.Kind);
        Assert.Throws<QualityException>(() => RowGate<Record>.Build(new QualitySuiteBuilder("t").RowSql("s > 'a'").Build(), columns));
        Assert.Contains("'n'", Assert.Throws<QualityException>(() => RowGate<Record>.Build(new QualitySuiteBuilder("t").NotNull("n").Build(), columns)).Message, StringComparison.Ordinal);
    }

    private static QualitySuiteBuilder Rule(string kind, QualitySuiteBuilder b) => kind switch
    {
        "not-null" => b.NotNull("s"),
        "range" => b.InRange("n", -59, 5),
        "range-min" => b.InRange("n", 1, null),
        "set" => b.InSet("s", ["ATL", "12"]),
        "not-in-set" => b.NotInSet("s", ["it's"]),
        "pattern" => b.Matches("s", "[A-Z]{3}"),
        "length" => b.LengthBetween("s", 3, 3),
        "integer" => b.CastableTo("s", ColumnFamily.Integer),
        "decimal" => b.CastableTo("s", ColumnFamily.Decimal),
        "float" => b.CastableTo("s", ColumnFamily.Float),
        "compare-numbers" => b.Compare("n", Comparison.LessThan, "m"),
        "compare-texts" => b.Compare("s", Comparison.NotEqual, "u"),
        _ => b.InRange("d", new DateOnly(2001, 1, 1), new DateOnly(2001, 12, 31)),
    };

    private sealed record Record(double? N, string? S, DateOnly? D);
}
