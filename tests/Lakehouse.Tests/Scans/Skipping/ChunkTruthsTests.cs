using System.Globalization;
using System.Text;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Scans.Skipping;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Tests.Scans.Skipping;

public sealed class ChunkTruthsTests
{
    private const int Files = 60;

    private static readonly StructType Schema = DeltaType.Struct(
        new StructField("n", DeltaType.Long), new StructField("x", DeltaType.Double), new StructField("s", DeltaType.String),
        new StructField("d", DeltaType.Date), new StructField("t", DeltaType.Timestamp), new StructField("m", DeltaType.Decimal(10, 2)),
        new StructField("b", DeltaType.Boolean), new StructField("p", DeltaType.Integer));

    /// <summary>Reasoning over arrays must say the same as reasoning file by file: random statistics, random conditions, many times.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Arrays_of_bounds_give_the_same_answer_as_each_file_alone(int seed)
    {
        var random = new Random(seed);
        string[] stats = [.. Enumerable.Range(0, Files).Select(_ => Statistics(random))];
        string?[] partitions = [.. Enumerable.Range(0, Files).Select(_ => random.Next(4) == 0 ? null : random.Next(6).ToString(CultureInfo.InvariantCulture))];
        var columns = Schema.Fields.Select(f => StatisticsColumn.Find(Schema, ["p"], f.Name)!).ToArray();
        var bounds = Read(columns, stats, partitions);
        var chunk = new ChunkTruths(bounds, Files);
        for (var round = 0; round < 400; round++)
        {
            var condition = Predicate.Parse(Condition(random, depth: 2)).Expression;
            var truths = chunk.Of(condition);
            for (var file = 0; file < Files; file++)
            {
                var row = file;
                var alone = TruthRules.Of(condition, name => bounds[name].Of(row));
                // "In" over arrays leaves more open where a file has a single value; it must never claim less.
                Assert.True((alone & ~truths[file]) == 0, $"{condition} on {stats[file]} p={partitions[file]}: {alone} alone, {truths[file]} in arrays");
                Assert.Equal(alone.HasFlag(Truths.True) || condition.ToString().Contains("NOT", StringComparison.Ordinal), truths[file].HasFlag(Truths.True)
                    || condition.ToString().Contains("NOT", StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("""{"numRecords":5,"minValues":{"t":"2023-05-24T00:01:25.014Z"},"maxValues":{"t":"2023-05-24T00:01:25.014Z"},"nullCount":{"t":0}}""", "t = TIMESTAMP '2023-05-24 00:01:25.013902'", true)]
    [InlineData("""{"numRecords":5,"minValues":{"t":"2023-05-24T02:01:25.000+02:00"},"maxValues":{"t":"2023-05-24T02:01:25.000+02:00"},"nullCount":{"t":0}}""", "t = TIMESTAMP '2023-05-24 00:01:25'", true)]
    [InlineData("""{"numRecords":5,"minValues":{"t":"2023-05-24T02:01:25.000+02:00"},"maxValues":{"t":"2023-05-24T02:01:25.000+02:00"},"nullCount":{"t":0}}""", "t = TIMESTAMP '2023-05-24 02:01:25'", false)]
    [InlineData("""{"numRecords":5,"minValues":{"s":"a\u00e9"},"maxValues":{"s":"a\u00e9"},"nullCount":{"s":0}}""", "s = 'aé'", true)]
    [InlineData("""{"numRecords":5,"minValues":{"s":"\ud83d\ude00"},"maxValues":{"s":"\ud83d\ude00"},"nullCount":{"s":0}}""", "s > '\uffee'", true)]
    [InlineData("""{"numRecords":5,"maxValues":{"x":5.0},"nullCount":{"x":0}}""", "x > 10", true)]
    [InlineData("""{"numRecords":0}""", "x > 10", false)]
    [InlineData("""{"numRecords":5,"minValues":{"x":0.7},"nullCount":{"x":0}}""", "x < 0.69999999", true)]
    [InlineData("""{"numRecords":5,"minValues":{"x":0.7},"nullCount":{"x":0}}""", "x < 0.6999999", false)]
    [InlineData("""{"numRecords":5,"nullCount":{"b":5}}""", "b = true", false)]
    [InlineData("""{"numRecords":5,"nullCount":{"b":0}}""", "b IS NULL", false)]
    [InlineData("""{"numRecords":5,"minValues":{"m":99999999999999999999999999999999999999}}""", "m = 1", true)]
    [InlineData("""{"numRecords":5,"minValues":{"n":10}""", "n = 1", true)]
    [InlineData("""not json at all""", "n = 1", true)]
    [InlineData("""{"numRecords":"five","minValues":[1,2],"maxValues":{"n":"seven"},"nullCount":{"n":null}}""", "n = 1", true)]
    public void A_file_is_left_out_only_where_its_statistics_prove_it(string stats, string condition, bool mayMatch)
    {
        var columns = Schema.Fields.Select(f => StatisticsColumn.Find(Schema, ["p"], f.Name)!).ToArray();
        var truths = new ChunkTruths(Read(columns, [stats], [null]), 1).Of(Predicate.Parse(condition).Expression);
        Assert.Equal(mayMatch, truths[0].HasFlag(Truths.True));
    }

    private static Dictionary<string, ColumnBounds> Read(StatisticsColumn[] columns, string[] stats, string?[] partitions)
    {
        StatisticsColumn[] inData = [.. columns.Where(c => c.Partition is null)];
        var texts = StatisticsText.For(inData, stats.Length);
        var codes = new PartitionCodes(Schema["p"], stats.Length);
        for (var i = 0; i < stats.Length; i++)
        {
            texts.Read(i, Encoding.UTF8.GetBytes(stats[i]));
            codes.Set(i, partitions[i]);
        }

        var bounds = inData.Zip(texts.Bounds).ToDictionary(b => b.First.Path[0], b => b.Second);
        bounds["p"] = codes.ToBounds();
        return bounds;
    }

    private static string Statistics(Random random)
    {
        List<string> low = [], high = [], nulls = [];
        foreach (var field in Schema.Fields.Where(f => f.Name != "p"))
        {
            var (a, b) = (random.Next(10), random.Next(10));
            if (random.Next(5) > 0 && field.Name != "b")
            {
                low.Add($"\"{field.Name}\":{Json(field.Name, Math.Min(a, b))}");
            }

            if (random.Next(5) > 0 && field.Name != "b")
            {
                high.Add($"\"{field.Name}\":{Json(field.Name, Math.Max(a, b))}");
            }

            if (random.Next(5) > 0)
            {
                nulls.Add($"\"{field.Name}\":{random.Next(3) * 5}");
            }
        }

        var records = random.Next(6) == 0 ? string.Empty : "\"numRecords\":10,";
        return $"{{{records}\"minValues\":{{{string.Join(',', low)}}},\"maxValues\":{{{string.Join(',', high)}}},\"nullCount\":{{{string.Join(',', nulls)}}}}}";
    }

    private static string Json(string column, int value) => column switch
    {
        "s" => $"\"v{value}\"",
        "d" => $"\"2001-01-0{1 + (value % 9)}\"",
        "t" => $"\"2001-01-01T00:00:0{value}.000Z\"",
        "x" or "m" => $"{value}.5",
        _ => $"{value}",
    };

    private static string Condition(Random random, int depth)
    {
        if (depth > 0 && random.Next(2) == 0)
        {
            var left = Condition(random, depth - 1);
            return random.Next(3) switch
            {
                0 => $"({left} AND {Condition(random, depth - 1)})",
                1 => $"({left} OR {Condition(random, depth - 1)})",
                _ => $"NOT ({left})",
            };
        }

        var column = Schema.Fields[random.Next(Schema.Fields.Count)].Name;
        var symbol = new[] { "=", "<>", "<", "<=", ">", ">=", "<=>" }[random.Next(7)];
        return random.Next(6) switch
        {
            0 => $"{column} IS NULL",
            1 => $"{column} IN ({Literal(column, random)}, {Literal(column, random)})",
            2 => $"{Literal(column, random)} {symbol} {column}",
            _ => $"{column} {symbol} {Literal(column, random)}",
        };
    }

    private static string Literal(string column, Random random)
    {
        var value = random.Next(10);
        return column switch
        {
            "s" => $"'v{value}'",
            "d" => random.Next(2) == 0 ? $"DATE '2001-01-0{1 + (value % 9)}'" : $"'2001-01-0{1 + (value % 9)}'",
            "t" => $"TIMESTAMP '2001-01-01 00:00:0{value}'",
            "b" => value > 4 ? "true" : "false",
            "n" => random.Next(3) switch { 0 => $"{value}.5", 1 => $"'{value}'", _ => $"{value}" },
            _ => random.Next(2) == 0 ? $"{value}" : $"{value}.5",
        };
    }
}
