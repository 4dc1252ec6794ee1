using System.Globalization;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

/// <summary>Whatever shortcut a run takes, it counts what the plain condition counts, row by row.</summary>
public sealed class RandomSuiteTests : DuckDbFixture
{
    private const int Suites = 8;
    private const int RulesOfASuite = 40;

    private static readonly (string Name, string Type, string[] Values)[] Columns =
    [
        ("x", "DOUBLE", ["nan", "inf", "-inf", "0.0", "-0.0", "5e-324", "0.1", "0.30000000000000004", "1.5", "-2.25", "1e300", "-1e300", "3", "100"]),
        ("f", "FLOAT", ["nan", "inf", "-inf", "0.1", "1.5", "-2.25", "16777217", "3"]),
        ("i", "INTEGER", ["-2147483648", "2147483647", "0", "1", "2", "3", "7", "-5"]),
        ("t", "TINYINT", ["-128", "127", "0", "1", "2", "3"]),
        ("u", "UINTEGER", ["0", "1", "2", "4294967295", "77"]),
        ("l", "BIGINT", ["-9223372036854775808", "9223372036854775807", "9007199254740993", "0", "1", "-1"]),
        ("h", "HUGEINT", ["-9223372036854775809", "9223372036854775808", "0", "3"]),
        ("m", "DECIMAL(9,2)", ["0.10", "0.11", "-7.25", "3.00", "9999999.99"]),
        ("d", "DATE", ["2001-01-01", "2001-01-02", "2000-02-29", "infinity", "-infinity"]),
        ("s", "TIMESTAMP", ["2001-01-01 00:00:00", "2001-01-01 00:00:00.000001", "2000-12-31 23:59:59.999999", "2001-01-02", "infinity", "-infinity"]),
        ("z", "TIMESTAMPTZ", ["2001-01-01 00:00:00+00", "2001-01-01 01:00:00+01", "2000-12-31 23:59:59.999999+00", "infinity"]),
        ("w", "VARCHAR", ["a", "b", "", "äö", "it's", "12", "x9"]),
    ];

    private static readonly Dictionary<string, RuleValue[]> Limits = new()
    {
        ["x"] = [0, 0.1m, 0.3m, 1.5, -2.25, 1e300, 5e-324, 0.30000000000000004, -0.0, 3, 9_007_199_254_740_993, 79228162514264337593543950335m, 0.1234567890123456789m],
        ["f"] = [0, 0.1m, 0.1, 1.5, 16_777_217, 3, -2.25m],
        ["i"] = [0, 1, 2, 2.5m, -5, 7, 2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649, 1.5, 0.00000000001m],
        ["t"] = [0, 1, 2.5m, 127, 128, -128, -129, 500],
        ["u"] = [0, -1, 1, 77, 4_294_967_295, 4_294_967_296, 1.5m],
        ["l"] = [0, long.MinValue, long.MaxValue, 9_007_199_254_740_993, 1, -1, 0.5m, 9.007199254740993e15],
        ["h"] = [0, 3, long.MaxValue, long.MinValue],
        ["m"] = [0.1m, 0.105m, 3, -7.25m, 0.11, 10_000_000],
        ["d"] = [new DateOnly(2001, 1, 1), new DateOnly(2000, 2, 29), new DateOnly(1, 1, 1), new DateOnly(9999, 12, 31), new DateTime(2001, 1, 1, 12, 0, 0)],
        ["s"] = [new DateOnly(2001, 1, 1), new DateTime(2001, 1, 1), new DateTime(2001, 1, 1).AddMicroseconds(1), new DateTime(2001, 1, 2), DateTime.MinValue, new DateTime(9999, 12, 31)],
        ["z"] = [new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2000, 12, 31, 0, 0, 0, TimeSpan.Zero), new DateOnly(2001, 1, 1)],
    };

    public static TheoryData<int, bool> Seeds => [.. Enumerable.Range(1, Suites).SelectMany(s => new[] { (s, false), (s, true) })];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_random_suite_says_what_its_rules_say_one_by_one_and_row_by_row(int seed, bool isFile)
    {
        var folder = Directory.CreateTempSubdirectory("quality-random-").FullName;
        try
        {
            await CompareAsync(new Random(seed), isFile ? Path.Combine(folder, "t.parquet") : null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task CompareAsync(Random random, string? file)
    {
        MakeTable(random, file);
        List<(Func<QualitySuiteBuilder, QualitySuiteBuilder> Rule, string? Violation, string? Filter)> rules
            = [.. Enumerable.Range(0, RulesOfASuite).Select(_ => RandomRule(random)).DistinctBy(r => r.Rule(new QualitySuiteBuilder("t")).Build().Rules[0].Id)];
        Runner = With(values: 0, tests: long.MaxValue);
        List<string> alone = [];
        foreach (var (rule, _, _) in rules)
        {
            alone.Add(Text(await VerdictAsync(rule)));
        }

        var counted = Counted(rules.Select(r => (r.Violation, r.Filter)));
        foreach (var shared in new[] { With(values: 0, tests: long.MaxValue), With(values: 100, tests: 0) })
        {
            // The second time a runner knows what bounds do not settle, and plans otherwise.
            Runner = shared;
            for (var run = 0; run < 2; run++)
            {
                var together = await RunAsync(b => rules.Aggregate(b, (suite, rule) => rule.Rule(suite)));

                Assert.Equal(alone, together.Verdicts.Select(Text));
                Assert.Equal(counted, together.Verdicts.Select((v, i) => rules[i].Violation is null ? null : v.Violations));
            }
        }
    }

    private static string Text(Verdict verdict)
        => string.Create(CultureInfo.InvariantCulture, $"{verdict.Rule}: {verdict.Outcome} {verdict.Violations} of {verdict.Evaluated}: {verdict.Message}");

    private DuckDbQualityRunner With(int values, long tests)
        => new(Connection, new QualityRunnerOptions { GroupedValuesMax = values, GroupedTestsMin = tests, SampleRowsMax = 0 }, Time);

    private void MakeTable(Random random, string? file)
    {
        var columns = Columns.Select(c => $"([{string.Join(", ", c.Values.Select(SqlText.Text))}, NULL]::{c.Type}[])[1 + (random() * {random.Next(2, c.Values.Length + 2)})::INTEGER % {c.Values.Length + 1}] AS {c.Name}");
        Execute($"SELECT setseed({random.NextDouble().ToString(CultureInfo.InvariantCulture)})");
        Execute($"CREATE TABLE rows AS SELECT {string.Join(", ", columns)} FROM range({random.Next(0, 3) * 4_000})");
        if (file is null)
        {
            Execute("CREATE VIEW t AS SELECT * FROM rows");
            return;
        }

        Execute($"COPY rows TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
        FileRelation.Register(Connection, "t", file);

        // A file keeps some types as others; its rows are what is looked at, and reading all of them asks no footer.
        Execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM t");
    }

    private static (Func<QualitySuiteBuilder, QualitySuiteBuilder> Rule, string? Violation, string? Filter) RandomRule(Random random)
    {
        var settings = new RuleSettings
        {
            Filter = random.Next(4) switch { 0 => "i > 0", 1 => "x < 2 OR w = 'a'", _ => null },
            Threshold = random.Next(3) switch { 0 => Threshold.Percent(10), 1 => Threshold.Count(700), _ => Threshold.None },
        };
        switch (random.Next(10))
        {
            case 0:
                return (b => b.InSet("w", ["a", "12"], settings), "w NOT IN ('a', '12')", settings.Filter);
            case 1:
                return (b => b.Matches("w", "[a-z]+", settings), null, null);
            case 2:
                return (b => b.LengthBetween("w", 1, 2, settings), "length(w) NOT BETWEEN 1 AND 2", settings.Filter);
            case 3:
                return (b => b.NotNull("x", settings), "x IS NULL", settings.Filter);
            case 4:
                return (b => b.InSet("i", [1, 2, 3], settings), "i NOT IN (1, 2, 3)", settings.Filter);
            default:
                var (column, limits) = Limits.ElementAt(random.Next(Limits.Count));
                var (first, second) = (Pick(), Pick());

                // Without limits a range says something of floating point only; elsewhere it is an author's slip.
                second = first is null && column is not ("x" or "f") ? second ?? limits[0] : second;
                if (first is not null && second is not null && RuleValue.Order(first, second) > 0)
                {
                    (first, second) = (second, first);
                }

                return (b => b.InRange(column, first, second, settings), Outside(column, first, second), settings.Filter);

                RuleValue? Pick() => random.Next(3) == 0 ? null : limits[random.Next(limits.Length)];
        }
    }

    /// <summary>The plain condition, written here anew and not as the product writes it.</summary>
    private static string? Outside(string column, RuleValue? minimum, RuleValue? maximum)
    {
        var type = Columns.Single(c => c.Name == column).Type;
        if (minimum is null && maximum is null && type is not ("DOUBLE" or "FLOAT"))
        {
            // Refused: it says nothing.
            return null;
        }

        List<string> sides = [.. type is "DOUBLE" or "FLOAT" ? new[] { $"isnan({column})" } : []];
        foreach (var (sign, limit) in new[] { ("<", minimum), (">", maximum) })
        {
            if (limit is not null)
            {
                var value = limit.Kind == RuleValueKind.Decimal && type is "DOUBLE" or "FLOAT" ? $"CAST({SqlText.Literal(limit)} AS {type})" : SqlText.Literal(limit);
                sides.Add($"{column} {sign} {value}");
            }
        }

        return sides.Count == 0 ? "false" : string.Join(" OR ", sides);
    }

    private List<long?> Counted(IEnumerable<(string? Violation, string? Filter)> rules)
        => [.. rules.Select(r => r.Violation is null ? (long?)null : Count($"SELECT count(*) FROM rows WHERE ({r.Filter ?? "true"}) AND ({r.Violation})"))];

    private long Count(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
