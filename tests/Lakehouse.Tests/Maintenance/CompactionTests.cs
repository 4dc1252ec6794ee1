using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Lakehouse.Tests.Maintenance;

public sealed class CompactionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compaction_merges_small_files_per_partition_and_changes_no_row()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        for (var i = 0; i < 8; i++)
        {
            await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30, i * 30))], _cancel);
        }

        var before = await ChecksumAsync(table);
        var result = await table.CompactAsync(cancellationToken: _cancel);

        Assert.Equal((1, 24, 3, 0), (result.Commits, result.FilesRemoved, result.FilesAdded, result.GroupsLost));
        Assert.Equal(3, table.Snapshot.Files.Count);
        Assert.Equal(240, table.Snapshot.RowCount);
        Assert.Equal(before, await ChecksumAsync(table));
        Assert.All(table.Snapshot.State.Tombstones.Values, r => Assert.False(r.DataChange));
        Assert.Equal(0, (await table.CompactAsync(cancellationToken: _cancel)).Commits);
    }

    [Fact]
    public async Task Clean_up_deletes_removed_and_orphan_files_past_the_retention_and_nothing_else()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var store = new InMemoryObjectStore(time);
        var table = await DeltaTable.CreateAsync(store, Order.Mapping.Schema, new() { PartitionColumns = ["day"], Time = time }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(9))], _cancel);
        var old = table.Snapshot.Files.Select(table.Snapshot.PathOf).ToArray();
        await store.PutAsync("day=2001-01-01/part-orphan.parquet", new byte[10], _cancel);
        await store.PutAsync("_notes/keep.txt", new byte[1], _cancel);
        time.Advance(TimeSpan.FromDays(5));
        await table.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(3))], _cancel);

        Assert.Empty((await table.CleanUpAsync(new() { DryRun = true }, _cancel)).Paths);
        time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(["day=2001-01-01/part-orphan.parquet"], (await table.CleanUpAsync(null, _cancel)).Paths);
        time.Advance(TimeSpan.FromDays(5));
        Assert.Equal(old.Order(StringComparer.Ordinal), (await table.CleanUpAsync(null, _cancel)).Paths);

        Assert.Equal(3, table.Snapshot.RowCount);
        foreach (var path in table.Snapshot.Files.Select(table.Snapshot.PathOf).Append("_notes/keep.txt"))
        {
            Assert.NotNull(await store.TryStatAsync(path, _cancel));
        }
    }

    [Fact]
    public async Task Compaction_gives_up_a_group_whose_file_another_writer_removed_and_keeps_the_rest()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30))], _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(30, 30))], _cancel);
        var other = await DeltaTable.OpenAsync(_folder.Store, null, _cancel);
        var raced = false;
        var result = await table.CompactAsync(
            new()
            {
                Partitions = values =>
                {
                    if (!raced)
                    {
                        raced = true;
                        var delete = other.BeginTransaction();
                        delete.Remove(other.Snapshot.Files.First(f => f.PartitionValues["day"] == "2001-01-02"));
                        _other = delete.CommitAsync("DELETE", _cancel);
                    }

                    return true;
                },
            },
            _cancel);
        await _other!;

        Assert.Equal((2, 1), (result.Commits, result.GroupsLost));
        Assert.Equal(50, (await table.RefreshAsync(_cancel)).RowCount);
    }

    private Task? _other;

    private async Task<string?> ChecksumAsync(DeltaTable table)
    {
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        return await lake.ScalarAsync<string>("select md5(string_agg(t::varchar, '|' order by id)) from t", _cancel);
    }
}
