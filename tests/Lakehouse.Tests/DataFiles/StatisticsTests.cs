using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.DataFiles;

public sealed class StatisticsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Statistics_of_each_file_agree_with_what_DuckDB_reads_from_it()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(500))], _cancel);
        await using var lake = LakeQuery.Open();
        foreach (var file in table.Snapshot.Files)
        {
            _folder.Store.TryGetLocalPath(table.Snapshot.PathOf(file), out var path);
            using var stats = JsonDocument.Parse(file.Stats!);
            Assert.Equal(stats.RootElement.GetProperty("numRecords").GetInt64(),
                await lake.ScalarAsync<long>($"select count(*) from '{path}'", _cancel));
            foreach (var column in new[] { "id", "customer", "amount", "weight" })
            {
                Assert.Equal(await ReadAsync(lake, $"min({column})", path),
                    stats.RootElement.GetProperty("minValues").GetProperty(column).ToString());
                Assert.Equal(await ReadAsync(lake, $"max({column})", path),
                    stats.RootElement.GetProperty("maxValues").GetProperty(column).ToString());
                Assert.Equal(await ReadAsync(lake, $"count(*) - count({column})", path),
                    stats.RootElement.GetProperty("nullCount").GetProperty(column).ToString());
            }

            Assert.Equal(
                await ReadAsync(lake, "strftime(date_trunc('milliseconds', max(placed)), '%Y-%m-%dT%H:%M:%S.%gZ')", path),
                stats.RootElement.GetProperty("maxValues").GetProperty("placed").GetString());
            Assert.False(stats.RootElement.GetProperty("maxValues").TryGetProperty("paid", out _));
        }
    }

    [Theory]
    [InlineData("short", "short", "short")]
    [InlineData("0123456789012345678901234567890123", "01234567890123456789012345678901", "01234567890123456789012345678901\u007f")]
    [InlineData("0123456789012345678901234567890\u00e9\u00e9", "0123456789012345678901234567890\u00e9",
        "0123456789012345678901234567890\u00e9\U0010FFFF")]
    public void Long_texts_are_cut_so_that_they_stay_bounds(string text, string low, string high)
    {
        Assert.Equal(low, StringStatistics.CutLow(text));
        Assert.Equal(high, StringStatistics.CutHigh(text));
    }

    [Fact]
    public void A_maximum_grows_past_the_cut_where_no_character_is_above_the_next_one()
    {
        var text = new string('a', 32) + "\U0010FFFF\U0010FFFFb";
        Assert.Equal(new string('a', 32) + "\U0010FFFF\U0010FFFF\u007f", StringStatistics.CutHigh(text));
        Assert.Equal(new string('a', 32) + "\U0010FFFF", StringStatistics.CutHigh(new string('a', 32) + "\U0010FFFF"));
    }

    [Theory]
    [InlineData(new[] { 1.0, double.NaN }, "1", null)]
    [InlineData(new[] { double.NaN }, null, null)]
    [InlineData(new[] { 2.5, double.PositiveInfinity }, "2.5", null)]
    [InlineData(new[] { double.NegativeInfinity, 3 }, null, "3")]
    public void A_float_column_has_no_bound_that_NaN_or_an_infinity_would_make_false(double[] values, string? min, string? max)
    {
        var mapping = new RowMapping<double>().Column("x", DeltaType.Double, v => v);
        using var batch = mapping.ToBatch(values);
        var collector = new StatisticsCollector(batch.Schema, 32, null);
        collector.Add(batch);
        using var stats = JsonDocument.Parse(collector.ToJson());

        Assert.Equal(min, Value(stats, "minValues"));
        Assert.Equal(max, Value(stats, "maxValues"));
    }

    private static string? Value(JsonDocument stats, string kind)
        => stats.RootElement.GetProperty(kind).TryGetProperty("x", out var value) ? value.GetRawText() : null;

    private async Task<string> ReadAsync(LakeQuery lake, string expression, string path)
    {
        await using var rows = await lake.QueryAsync($"select {expression} from '{path}'", _cancel);
        await rows.ReadAsync(_cancel);
        return Convert.ToString(rows.GetValue(0), CultureInfo.InvariantCulture)!;
    }
}
