using System.Globalization;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.Tests.DuckDb;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.Tests;

/// <summary>What a stream's gate says of a record a table says of the same row: values and limits drawn by chance, from the corners of each type.</summary>
public sealed class StreamAndTableTests : DuckDbFixture
{
    private static readonly object?[] Whole = [null, 0L, 1L, -1L, 9007199254740993L, long.MaxValue, long.MinValue, 16777217L];
    private static readonly object?[] Exact = [null, 0m, 0.1m, -0.1m, 0.3m, 1.005m, 12345678901234.5678m, -12345678901234.5678m];
    private static readonly object?[] Double = [null, 0d, -0d, 0.1, 0.30000000000000004, 1e300, -1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 5e-324];
    private static readonly object?[] Single = [null, 0f, 0.1f, 0.3f, 16777216f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0.1f];
    private static readonly object?[] Text = [null, "", " ", "a", "A", "ä", "ab", "a\nb", "\u00e9", "e\u0301", "\uffee", "\U0001F600", "\U0001F600\U0001F600", "Straße", "İ", "'", "\"", "%", "1"];
    private static readonly object?[] Days = [null, new DateOnly(2001, 1, 31), new DateOnly(2001, 2, 1), new DateOnly(1, 1, 1), new DateOnly(9999, 12, 31)];
    private static readonly object?[] Times = [null, new DateTime(2001, 1, 31), new DateTime(2001, 1, 31, 23, 59, 59), new DateTime(2001, 1, 31, 0, 0, 0, 1), new DateTime(1969, 12, 31)];
    private static readonly object?[] Flags = [null, true, false];

    private static readonly (string Type, object?[] Values)[] Columns =
    [
        ("BIGINT", Whole), ("DECIMAL(28,10)", Exact), ("DOUBLE", Double), ("FLOAT", Single), ("VARCHAR", Text), ("DATE", Days), ("TIMESTAMP", Times), ("BOOLEAN", Flags),
    ];

    private readonly Random _random = new(20011);

    public static TheoryData<string> Types => [.. Columns.Select(c => c.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_gate_of_a_stream_says_of_every_value_what_a_table_says(string type)
    {
        var values = Columns.Single(c => c.Type == type).Values;
        Fill(type, values);
        List<string> differences = [];
        for (var round = 0; round < 40; round++)
        {
            var suite = Rule(type, values) is { } rule ? rule(new QualitySuiteBuilder("t")).Build() : null;
            if (suite is null)
            {
                continue;
            }

            var gate = RowGate<(object? A, object? B)>.Build(suite, new Dictionary<string, Func<(object? A, object? B), object?>> { ["a"] = r => r.A, ["b"] = r => r.B });
            var verdict = (await Runner.RunAsync(suite, new QualityTarget("t"), Token)).Verdicts[0];
            Assert.True(verdict.Outcome is Outcome.Pass or Outcome.Fail, verdict.Message);
            var inTable = await BrokenAsync(suite);
            for (var i = 0; i < values.Length; i++)
            {
                for (var j = 0; j < values.Length; j++)
                {
                    if (gate.Passes((values[i], values[j])) == inTable.Contains((i * values.Length) + j))
                    {
                        differences.Add($"{verdict.Rule}: {Shown(values[i])} {Shown(values[j])} breaks it in the {(gate.Passes((values[i], values[j])) ? "table" : "stream")} alone");
                    }
                }
            }
        }

        Assert.Empty(differences.Distinct().Take(10));
    }

    [Fact]
    public void A_value_of_another_type_than_the_rules_is_named_with_its_rule()
    {
        var suite = new QualitySuiteBuilder("t").InRange("a", 1, 2).Build();
        var gate = RowGate<object?>.Build(suite, new Dictionary<string, Func<object?, object?>> { ["a"] = r => r });

        var error = Assert.Throws<QualityException>(() => gate.Passes("abc"));

        Assert.Contains("'a is between 1 and 2'", error.Message, StringComparison.Ordinal);
        Assert.Contains("String", error.Message, StringComparison.Ordinal);
    }

    private static string Shown(object? value) => value is string text ? string.Join(' ', text.Select(c => $"{(int)c:x}")) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "NULL";

    private void Fill(string type, object?[] values)
    {
        Execute($"CREATE TABLE t (id INTEGER, a {type}, b {type})");
        using var appender = Connection.CreateAppender("t");
        for (var i = 0; i < values.Length; i++)
        {
            for (var j = 0; j < values.Length; j++)
            {
                var row = appender.CreateRow().AppendValue((i * values.Length) + j);
                Append(Append(row, values[i]), values[j]).EndRow();
            }
        }
    }

    private static IDuckDBAppenderRow Append(IDuckDBAppenderRow row, object? value) => value switch
    {
        null => row.AppendNullValue(),
        long v => row.AppendValue(v),
        decimal v => row.AppendValue(v),
        double v => row.AppendValue(v),
        float v => row.AppendValue(v),
        string v => row.AppendValue(v),
        DateOnly v => row.AppendValue(v),
        DateTime v => row.AppendValue(v),
        bool v => row.AppendValue(v),
        _ => throw new NotSupportedException(value.GetType().Name),
    };

    private async Task<HashSet<int>> BrokenAsync(QualitySuite suite)
    {
        HashSet<int> broken = [];
        if (await FailedRows.SelectAsync(Connection, suite, "t", [suite.Rules[0].Id], Token) is { } sql)
        {
            using var command = Connection.CreateCommand();
            command.CommandText = $"SELECT id FROM ({sql})";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                broken.Add(reader.GetInt32(0));
            }
        }

        return broken;
    }

    private Func<QualitySuiteBuilder, QualitySuiteBuilder>? Rule(string type, object?[] values)
    {
        RuleValue? Limit() => values[_random.Next(values.Length)] switch
        {
            null => null,
            long v => _random.Next(3) switch { 0 => (decimal)v + 0.5m, 1 => RuleValue.From(v), _ => RuleValue.From((double)v) },
            decimal v => RuleValue.From(v),
            double v => double.IsFinite(v) ? _random.Next(2) == 0 || Math.Abs(v) > 1e20 ? RuleValue.From(v) : RuleValue.From((decimal)v) : null,
            float v => float.IsFinite(v) ? _random.Next(3) switch { 0 => RuleValue.From((double)v), 1 => RuleValue.From((decimal)v), _ => RuleValue.From((long)v) } : null,
            string v => RuleValue.From(v),
            DateOnly v => RuleValue.From(v),
            DateTime v => RuleValue.From(v),
            bool v => RuleValue.From(v),
            _ => null,
        };
        var comparison = (Comparison)_random.Next(6);
        var (low, high) = (Limit(), Limit());
        if (low is not null && high is not null && RuleValue.Order(low, high) > 0)
        {
            (low, high) = (high, low);
        }

        RuleValue[] set = [.. Enumerable.Range(0, 3).Select(_ => Limit()).OfType<RuleValue>()];
        string[] patterns = ["a.*", "[a-z]+", ".", "..", "\\s*", "(?i)a", "\\p{L}+", "'", "[^a]*"];
        return _random.Next(type == "VARCHAR" ? 7 : 4) switch
        {
            0 when low is not null || high is not null => b => b.InRange("a", low, high),
            1 when set.Length > 0 => b => b.InSet("a", set),
            2 when set.Length > 0 => b => b.NotInSet("a", set),
            3 => b => b.Compare("a", comparison, "b"),
            4 => b => b.Matches("a", patterns[_random.Next(patterns.Length)]),
            5 => b => b.LengthBetween("a", _random.Next(3), 1 + _random.Next(2) + 2),
            6 => b => b.Rows(new PatternCondition("a", patterns[_random.Next(patterns.Length)], Forbidden: true)),
            _ => null,
        };
    }
}
