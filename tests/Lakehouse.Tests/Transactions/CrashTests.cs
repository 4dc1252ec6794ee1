using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaStreams;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Tests.Kit;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Lakehouse.Tests.Transactions;

/// <summary>Kills a writer between any two steps it takes in the store, and looks at what readers then see.</summary>
public sealed class CrashTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_killed_between_any_two_steps_leaves_the_old_or_the_new_version()
    {
        var survived = false;
        for (var step = 1; !survived; step++)
        {
            foreach (var afterEffect in new[] { false, true })
            {
                survived = await KillAsync(step, afterEffect);
            }

            Assert.True(step < 1_000);
        }
    }

    [Fact]
    public async Task A_sink_killed_between_any_two_steps_has_every_record_once_after_its_restart()
    {
        var survived = false;
        for (var step = 1; !survived; step++)
        {
            foreach (var afterEffect in new[] { false, true })
            {
                survived = await KillSinkAsync(step, afterEffect);
            }

            Assert.True(step < 1_000);
        }
    }

    private async Task<bool> KillAsync(int step, bool afterEffect)
    {
        var disk = new InMemoryObjectStore();
        var table = await DeltaTable.CreateAsync(disk, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(6))], _cancel);

        // Checkpoints at each commit, so that their steps are among those that are cut.
        var dying = new FaultingStore(disk, step, afterEffect);
        var done = 0;
        try
        {
            var writer = await DeltaTable.OpenAsync(dying, new() { CheckpointInterval = 1 }, _cancel);
            await writer.AppendAsync([Order.Mapping.ToBatch(Order.Some(6, 6))], _cancel);
            done = 1;
            await writer.OverwriteAsync([Order.Mapping.ToBatch(Order.Some(3))], _cancel);
            done = 2;
            await writer.CompactAsync(cancellationToken: _cancel);
            await writer.CleanUpAsync(new() { Retention = TimeSpan.Zero }, _cancel);
        }
        catch (StorageException e) when (e.Kind == ErrorKind.Unavailable)
        {
            Assert.True(dying.IsDead);
        }

        await CheckAsync(disk, done);
        return !dying.IsDead;
    }

    private async Task CheckAsync(InMemoryObjectStore disk, int done)
    {
        long[] rowsByVersion = [0, 6, 12, 3];
        var snapshot = (await DeltaTable.OpenAsync(disk, null, _cancel)).Snapshot;
        Assert.InRange(snapshot.Version, 1 + done, Math.Min(2 + done, 3));
        Assert.Equal(rowsByVersion[snapshot.Version], snapshot.RowCount);
        foreach (var file in snapshot.Files)
        {
            Assert.Equal(file.Size, (await disk.TryStatAsync(snapshot.PathOf(file), _cancel))?.SizeBytes);
        }

        // The next writer goes on from there.
        var next = await DeltaTable.OpenAsync(disk, null, _cancel);
        Assert.Equal(snapshot.Version + 1, await next.AppendAsync([Order.Mapping.ToBatch(Order.Some(2))], _cancel));
        Assert.Equal(rowsByVersion[snapshot.Version] + 2, next.Snapshot.RowCount);
    }

    private async Task<bool> KillSinkAsync(int step, bool afterEffect)
    {
        var disk = new InMemoryObjectStore();
        await DeltaTable.CreateAsync(disk, Order.Mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        var dying = new FaultingStore(disk, step, afterEffect);
        var completed = new List<(long Checkpoint, ReadOnlyMemory<byte> Committable)>();
        try
        {
            await RunAsync(dying, completed, from: 1);
        }
        catch (StorageException e) when (e.Kind == ErrorKind.Unavailable)
        {
            Assert.True(dying.IsDead);
        }

        // The job restarts from its last complete checkpoint: commits are repeated, later records are replayed.
        await RunAsync(disk, completed, from: completed.Count + 1);
        var snapshot = (await DeltaTable.OpenAsync(disk, null, _cancel)).Snapshot;
        Assert.Equal(40, snapshot.RowCount);
        Assert.Equal(4, snapshot.TransactionVersion("job/raw"));
        return !dying.IsDead;
    }

    private async Task RunAsync(IObjectStore store, List<(long Checkpoint, ReadOnlyMemory<byte> Committable)> completed, int from)
    {
        var sink = new DeltaSink<Order>(await DeltaTable.OpenAsync(store, new() { CheckpointInterval = 2 }, _cancel), Order.Mapping);
        await using var committer = sink.CreateCommitter(new SinkCommitterContext("job", "raw", 1, TimeProvider.System));
        await using var writer = sink.CreateWriter(new SinkWriterContext("job", "raw", 0, 1, 1, TimeProvider.System));
        foreach (var (checkpoint, committable) in completed.ToArray())
        {
            await committer.CommitAsync(checkpoint, [committable], _cancel);
        }

        for (long checkpoint = from; checkpoint <= 4; checkpoint++)
        {
            writer.Write(Order.Some(10, checkpoint * 10), new long[10]);
            var committable = await writer.PrepareCommitAsync(checkpoint, _cancel);
            completed.Add((checkpoint, committable));
            await committer.CommitAsync(checkpoint, [committable], _cancel);
        }
    }
}
