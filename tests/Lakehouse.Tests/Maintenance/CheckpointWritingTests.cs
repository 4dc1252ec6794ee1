using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Maintenance;

/// <summary>What checkpoints and checksums hold; the folder's judge compares each with the commits besides.</summary>
public sealed class CheckpointWritingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_commit_has_a_checksum_that_agrees_with_the_log()
    {
        var table = await TableAsync([]);
        for (var i = 0; i < 4; i++)
        {
            await table.WriteAsync([Order.Mapping.ToBatch(Order.Some(3, i * 3))], new() { Transaction = ($"app-{i}", i) }, _cancel);
        }

        await table.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(2))], _cancel);
        for (var version = 0; version <= 5; version++)
        {
            Assert.True(File.Exists(LogFile($"{version:D20}.crc")));
        }

        Assert.True((await table.CheckAsync(_cancel)).IsSound);
        File.WriteAllText(LogFile($"{5:D20}.crc"), File.ReadAllText(LogFile($"{4:D20}.crc")));
        Assert.Equal(2, (await table.CheckAsync(_cancel)).Findings.Count(
            f => f.Problem == Lakehouse.Maintenance.IntegrityProblem.Checksum));
        File.WriteAllBytes(LogFile($"{5:D20}.crc"), []);
        Assert.DoesNotContain(
            (await table.CheckAsync(_cancel)).Findings, f => f.Problem == Lakehouse.Maintenance.IntegrityProblem.Checksum);
        _folder.NotJudgedBecause = "its last checksum is emptied here";
    }

    [Theory]
    [InlineData("classic", true, true, "none")]
    [InlineData("classic", false, true, "name")]
    [InlineData("v2", false, true, "none")]
    [InlineData("v2", true, false, "name")]
    [InlineData("classic", true, false, "none")]
    public async Task Statistics_are_kept_as_text_as_columns_or_both_and_a_reader_prunes_by_either(
        string policy, bool asJson, bool asStruct, string mapping)
    {
        var table = await TableAsync(new()
        {
            ["delta.checkpointPolicy"] = policy,
            ["delta.checkpoint.writeStatsAsJson"] = asJson ? "true" : "false",
            ["delta.checkpoint.writeStatsAsStruct"] = asStruct ? "true" : "false",
            ["delta.columnMapping.mode"] = mapping,
        });
        for (var i = 0; i < 3; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30, i * 30))], _cancel);
        }

        await table.CheckpointAsync(_cancel);
        foreach (var commit in Directory.GetFiles(LogFile("."), "*.json"))
        {
            File.Move(commit, commit + ".away");
        }

        var reopened = (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot;
        Assert.Equal((3, 90, 9), (reopened.Version, reopened.RowCount, reopened.Files.Count));
        Assert.Equal(3, reopened.Scan().Where("id BETWEEN 30 AND 59").Plan().Files.Count);
        Assert.Equal(3, reopened.Scan().Where("day = DATE '2001-01-02'").Plan().Files.Count);
        Assert.Equal(3, reopened.Scan().Where("amount > 80 AND placed >= TIMESTAMP '2000-02-13 00:00:59'").Plan().Files.Count);
        foreach (var commit in Directory.GetFiles(LogFile("."), "*.away"))
        {
            File.Move(commit, commit[..^".away".Length]);
        }
    }

    [Fact]
    public async Task A_large_table_gets_a_checkpoint_in_parts()
    {
        var table = await TableAsync([], new() { CheckpointPartFiles = 7, PartitionColumns = ["day"] });
        for (var i = 0; i < 9; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30, i * 30))], _cancel);
        }

        await table.CheckpointAsync(_cancel);
        Assert.Equal(4, Directory.GetFiles(LogFile("."), "*.checkpoint.0*.0000000004.parquet").Length);
        File.Delete(LogFile($"{3:D20}.json"));
        Assert.Equal(270, (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot.RowCount);
        _folder.NotJudgedBecause = "a commit is taken away here";
    }

    [Fact]
    public async Task Checkpoints_in_the_background_are_whole_and_the_newest_one_is_there_in_the_end()
    {
        var table = await TableAsync([], new() { CheckpointInterval = 2, BackgroundCheckpoints = true });
        for (var i = 0; i < 20; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch([Order.Of(i)])], _cancel);
        }

        await table.WaitForCheckpointsAsync();
        Assert.True(File.Exists(LogFile($"{20:D20}.checkpoint.parquet")));
        Assert.Equal(20, (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot.State.CheckpointVersion);
    }

    [Fact]
    public async Task Nested_statistics_come_back_from_typed_columns_as_they_were_written()
    {
        var place = new RowMapping<long>().Column("x", DeltaType.Long, v => v, nullable: true).Column(
            "name", DeltaType.String, v => $"n{v}");
        var mapping = new RowMapping<long>().Column("id", DeltaType.Long, v => v).Struct("place", place, v => v)
            .List("tags", DeltaType.String, v => new[] { "t" }).Column("when", DeltaType.TimestampNtz, v => v * 1_000_000).Column(
                "flag", DeltaType.Boolean, v => v > 1)
            .Column("price", DeltaType.Decimal(30, 4), v => v * 1.5m).Column("f", DeltaType.Float, v => v / 3f);
        var table = await DeltaTable.CreateAsync(
            _folder.Store, mapping.Schema, new()
            {
                Properties = new Dictionary<string, string>
                {
                    ["delta.checkpoint.writeStatsAsStruct"] = "true",
                    ["delta.checkpoint.writeStatsAsJson"] = "false",
                },
            }, _cancel);
        await table.AppendAsync([mapping.ToBatch([1, 2, 3])], _cancel);
        var written = System.Text.Json.Nodes.JsonNode.Parse(table.Snapshot.Files[0].Stats!);
        await table.CheckpointAsync(_cancel);
        var read = System.Text.Json.Nodes.JsonNode.Parse(
            (await DeltaTable.OpenAsync(_folder.Store, null, _cancel)).Snapshot.Files[0].Stats!)!;
        foreach (var kind in new[] { "numRecords", "nullCount" })
        {
            Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(written![kind], read[kind]),
                $"{kind}: {written[kind]} became {read[kind]}");
        }

        Assert.Equal((1, 3, "n1"),
            ((int)read["minValues"]!["place"]!["x"]!, (int)read["maxValues"]!["place"]!["x"]!,
            (string?)read["minValues"]!["place"]!["name"]));
        Assert.Equal(4.5m, (decimal)read["maxValues"]!["price"]!);
    }

    private string LogFile(string name) => Path.Combine(_folder.Path, "_delta_log", name);

    private async Task<DeltaTable> TableAsync(Dictionary<string, string> properties, DeltaTableOptions? options = null)
        => await DeltaTable.CreateAsync(
            _folder.Store, Order.Mapping.Schema,
            (options ?? new() { PartitionColumns = ["day"], CheckpointInterval = 1_000 }) with { Properties = properties }, _cancel);
}
