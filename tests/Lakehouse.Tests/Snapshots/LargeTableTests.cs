using System.Globalization;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Tests.Snapshots;

/// <summary>Tables so large that their checkpoint is read in parts, each when it is asked for.</summary>
public sealed class LargeTableTests
{
    private const int Files = 70_000;

    private static readonly StructType Schema = DeltaType.Struct(
        new StructField("id", DeltaType.Long), new StructField("name", DeltaType.String), new StructField("day", DeltaType.Integer));

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_checkpoint_read_in_parts_shows_the_same_files_rows_and_plans_as_the_commits_do()
    {
        var store = new InMemoryObjectStore();
        var byCommits = await FillAsync(store);
        await byCommits.CheckpointAsync(_cancel);
        for (var version = 0; version <= byCommits.Snapshot.Version; version++)
        {
            await store.DeleteAsync(LogPath.Commit(version), _cancel);
        }

        var byCheckpoint = (await DeltaTable.OpenAsync(store, null, _cancel)).Snapshot;
        Assert.Equal(byCommits.Snapshot.Files.Select(Text).Order(StringComparer.Ordinal), byCheckpoint.Files.Select(Text).Order(StringComparer.Ordinal));
        Assert.Equal(Files * 10L, byCheckpoint.RowCount);
        Assert.Equal(byCommits.Snapshot.SizeBytes, byCheckpoint.SizeBytes);
        foreach (var condition in new[] { "id BETWEEN 100 AND 120", "name = 'n7'", "day = 3 AND id < 500", "day IS NULL", "id < 0" })
        {
            var expected = byCommits.Scan().Where(condition).Plan();
            var found = byCheckpoint.Scan().Where(condition).Plan();
            Assert.Equal(expected.Files.Select(f => f.Path).Order(StringComparer.Ordinal), found.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
            Assert.Equal(Files, found.Files.Count + found.Pruned.Count);
            Assert.All(found.Pruned.Take(3), p => Assert.Contains("cannot hold", p.Reason, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_refresh_over_a_checkpoint_hides_what_was_removed_and_shows_what_was_added()
    {
        var store = new InMemoryObjectStore();
        await (await FillAsync(store)).CheckpointAsync(_cancel);
        var reader = await DeltaTable.OpenAsync(store, null, _cancel);
        Assert.Equal(3, reader.Scan().Where("id BETWEEN 100 AND 120").Plan().Files.Count);

        var writer = await DeltaTable.OpenAsync(store, new() { CheckpointInterval = 1000 }, _cancel);
        var transaction = writer.BeginTransaction();
        transaction.Remove(writer.Snapshot.Files.First(f => f.Path == "day=4/10.parquet"));
        transaction.Add([FileOf(Files), FileOf(11) with { Path = "other.parquet" }]);
        await transaction.CommitAsync("WRITE", _cancel);
        await reader.RefreshAsync(_cancel);

        var plan = reader.Scan().Where("id BETWEEN 100 AND 120").Plan();
        Assert.Equal(["day=5/11.parquet", "day=6/12.parquet", "other.parquet"], plan.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal(Files + 1, plan.Files.Count + plan.Pruned.Count);
        Assert.Equal((Files + 1) * 10L, reader.Snapshot.RowCount);
        Assert.True(reader.Snapshot.State.Files.TryGet(FileKey.Of("day=5/11.parquet", null), out var found));
        Assert.Contains("\"id\":110", found.Stats, StringComparison.Ordinal);
        Assert.False(reader.Snapshot.State.Files.TryGet(FileKey.Of("day=4/10.parquet", null), out _));
    }

    /// <summary>Long chains of versions share blocks; a plain dictionary says what must be there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Files_stay_right_over_many_commits_that_add_remove_and_add_again(int seed)
    {
        var random = new Random(seed);
        Dictionary<string, AddFile> model = new(StringComparer.Ordinal);
        var files = LiveFiles.Of(System.Array.Empty<AddFile>());
        for (var commit = 0; commit < 60; commit++)
        {
            List<DeltaAction> actions = [];
            foreach (var id in Enumerable.Range(0, 1_500).Select(_ => random.Next(40_000)).Distinct())
            {
                var file = FileOf(id) with { Size = commit };
                if (model.ContainsKey(file.Path) && random.Next(2) == 0)
                {
                    actions.Add(new RemoveFile { Path = file.Path });
                    model.Remove(file.Path);
                }
                else
                {
                    actions.Add(file);
                    model[file.Path] = file;
                }
            }

            files = files.With(actions);
            Assert.Equal((model.Count, model.Values.Sum(f => f.Size)), (files.Count, files.SizeBytes));
        }

        Assert.Equal(model.Values.Select(Text).Order(StringComparer.Ordinal), files.Select(Text).Order(StringComparer.Ordinal));
        Assert.Equal(
            model.Values.Select(Text).Order(StringComparer.Ordinal),
            Enumerable.Range(0, files.Blocks.Sum(b => b.Block.Count)).Where(i => !files.IsHidden(i)).Select(i => Text(files.At(i))).Order(StringComparer.Ordinal));
        Assert.All(model.Values.Take(500), f => Assert.True(files.TryGet(f.Key, out var same) && same.Size == f.Size));
        Assert.Equal(model.Count * 10L, files.CountRows());
    }

    private async Task<DeltaTable> FillAsync(InMemoryObjectStore store)
    {
        var table = await DeltaTable.CreateAsync(store, Schema, new() { CheckpointInterval = 1000, PartitionColumns = ["day"] }, _cancel);
        for (var first = 0; first < Files; first += 35_000)
        {
            var transaction = table.BeginTransaction();
            transaction.Add(Enumerable.Range(first, 35_000).Select(FileOf));
            await transaction.CommitAsync("WRITE", _cancel);
        }

        return table;
    }

    private static string Text(AddFile file)
        => $"{file.Path} {file.Size} {file.ModificationTime} {file.Stats} {string.Join(',', file.PartitionValues.Select(p => $"{p.Key}={p.Value}"))}";

    private static AddFile FileOf(int i) => new()
    {
        Path = string.Create(CultureInfo.InvariantCulture, $"day={i % 7 + 1}/{i}.parquet"),
        PartitionValues = new Dictionary<string, string?> { ["day"] = i % 7 == 6 ? null : $"{(i % 7) + 1}" },
        Size = 1000 + i,
        ModificationTime = 1_000_000 + i,
        DataChange = true,
        Stats = $$"""{"numRecords":10,"minValues":{"id":{{i * 10}},"name":"n{{i % 9}}"},"maxValues":{"id":{{(i * 10) + 9}},"name":"n{{i % 9}}"},"nullCount":{"id":0,"name":0} }""",
    };
}
