using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Lakehouse.DeltaStreams;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Lakehouse.Tests.DeltaStreams;

public sealed class DeltaSinkTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_checkpoint_becomes_one_commit_of_all_subtasks_with_its_marker()
    {
        var feed = new DatasetFeed();
        var table = await TableAsync(feed);
        var sink = new DeltaSink<Order>(table, Order.Mapping);
        await using var committer = sink.CreateCommitter(new("job", "raw", 1, TimeProvider.System));
        await using var first = sink.CreateWriter(new("job", "raw", 0, 2, 1, TimeProvider.System));
        await using var second = sink.CreateWriter(new("job", "raw", 1, 2, 1, TimeProvider.System));
        first.Write(Order.Some(40), new long[40]);
        second.Write(Order.Some(20, 40), new long[20]);
        var committables = new[] { await first.PrepareCommitAsync(1, _cancel), await second.PrepareCommitAsync(1, _cancel) };

        Assert.Equal(0, (await table.RefreshAsync(_cancel)).Version);
        await committer.CommitAsync(1, committables, _cancel);

        var snapshot = await table.RefreshAsync(_cancel);
        Assert.Equal((1, 60, 1), (snapshot.Version, snapshot.RowCount, snapshot.TransactionVersion("job/raw")));
        Assert.Equal(new DatasetVersion(new DatasetId("lake/orders"), 1), feed.Latest(new DatasetId("lake/orders")));
        Assert.All(snapshot.Files, f => Assert.StartsWith("day=", f.Path, StringComparison.Ordinal));
        Assert.True((await first.PrepareCommitAsync(2, _cancel)).IsEmpty);
    }

    [Fact]
    public async Task A_commit_that_is_repeated_after_a_restart_changes_nothing()
    {
        var table = await TableAsync();
        var committables = await EpochAsync(table, 1, Order.Some(10));
        await CommitAsync(table, 1, committables);
        await CommitAsync(await DeltaTable.OpenAsync(_folder.Store, null, _cancel), 1, committables);

        Assert.Equal((1, 10), ((await table.RefreshAsync(_cancel)).Version, table.Snapshot.RowCount));
    }

    [Fact]
    public async Task Two_attempts_that_commit_the_same_checkpoint_at_once_leave_it_once()
    {
        var table = await TableAsync();
        for (var checkpoint = 1; checkpoint <= 10; checkpoint++)
        {
            var committables = await EpochAsync(table, checkpoint, Order.Some(5, checkpoint * 5));
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(
                async () => await CommitAsync(await DeltaTable.OpenAsync(_folder.Store, null, _cancel), checkpoint, committables),
                    _cancel)));
        }

        Assert.Equal((10, 50), ((await table.RefreshAsync(_cancel)).Version, table.Snapshot.RowCount));
    }

    [Fact]
    public async Task Files_of_an_epoch_that_never_committed_are_orphans_that_clean_up_removes()
    {
        var table = await TableAsync();
        await CommitAsync(table, 1, await EpochAsync(table, 1, Order.Some(10)));
        await EpochAsync(table, 2, Order.Some(10, 10));
        await CommitAsync(table, 2, await EpochAsync(table, 2, Order.Some(10, 10)));

        var removed = await table.CleanUpAsync(new() { Retention = TimeSpan.Zero }, _cancel);

        Assert.Equal(3, removed.Paths.Count);
        await using var lake = LakeQuery.Open();
        lake.Register("orders", await table.RefreshAsync(_cancel));
        Assert.Equal(20, await lake.ScalarAsync<long>("select count(distinct id) from orders", _cancel));
    }

    [Fact]
    public async Task A_partition_that_grows_large_is_written_ahead_of_the_barrier_and_lands_whole()
    {
        var table = await TableAsync();
        await CommitAsync(table, 1, await EpochAsync(table, 1, Order.Some(1_000), new() { FileRecordsMax = 50 }));
        Assert.Equal(1_000, (await table.RefreshAsync(_cancel)).RowCount);
        Assert.Equal(MinimalReplay.ActiveFiles(_folder.Path).Length, table.Snapshot.Files.Count);
        Assert.True(table.Snapshot.Files.Count > 15);
    }

    [Fact]
    public async Task A_mapping_that_does_not_fit_is_refused_before_the_job_runs()
    {
        var table = await TableAsync();
        var mapping = new RowMapping<Order>().Column("id", Schemas.DeltaType.String, o => o.Customer);
        var error = Assert.Throws<DeltaException>(() => new DeltaSink<Order>(table, mapping));
        Assert.Contains("'id' is long in the table, and string in the records", error.Message, StringComparison.Ordinal);
    }

    private Task<DeltaTable> TableAsync(DatasetFeed? feed = null) => DeltaTable.CreateAsync(
        _folder.Store, Order.Mapping.Schema,
        new() { PartitionColumns = ["day"], Feed = feed, Dataset = new DatasetId("lake/orders") }, _cancel);

    private async Task<ReadOnlyMemory<byte>[]> EpochAsync(
        DeltaTable table, long checkpoint, Order[] orders, DeltaSinkOptions? options = null)
    {
        await using var writer = new DeltaSink<Order>(table, Order.Mapping, options).CreateWriter(
            new("job", "raw", 0, 1, 1, TimeProvider.System));
        foreach (var part in orders.Chunk(64))
        {
            writer.Write(part, new long[part.Length]);
        }

        return [await writer.PrepareCommitAsync(checkpoint, _cancel)];
    }

    private async Task CommitAsync(DeltaTable table, long checkpoint, ReadOnlyMemory<byte>[] committables)
    {
        await using var committer = new DeltaSink<Order>(table, Order.Mapping).CreateCommitter(
            new SinkCommitterContext("job", "raw", 1, TimeProvider.System));
        await committer.CommitAsync(checkpoint, committables, _cancel);
    }
}
