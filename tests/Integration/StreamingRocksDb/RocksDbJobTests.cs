using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Tests;

namespace DataPlatform.Integration.StreamingRocksDb;

/// <summary>Whole jobs with their state in databases.</summary>
public sealed class RocksDbJobTests
{
    private const int RecordsPerCheckpoint = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> CrashPoints => [.. Enumerable.Range(1, 48).Select(static i => i * 2)];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Windows_and_late_records_are_those_of_the_heap(int parallelism)
    {
        using var database = new TemporaryBackend(cachedEntries: 16);
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 7, splits: 4, perSplit: 2000, keys: 40));

        await using var run = await job.Build(
            new InMemoryObjectStore(), parallelism, configure: o => o.StateBackend = database.Backend).StartAsync(Token);
        await run.Completion;

        job.Verify();
        Assert.NotEmpty(job.Late.Committed);
    }

    /// <summary>
    /// Dies before and after every write and every delete of the store in turn, uploads of database files among them; goes on with another
    /// parallelism, dies again, and is then left to finish. In the end no file is left that no checkpoint names.
    /// </summary>
    [Theory]
    [MemberData(nameof(CrashPoints))]
    public async Task Output_is_exactly_once_and_nothing_piles_up_wherever_the_process_dies(int crashAt)
    {
        var job = new TumblingJob(WindowModel.RandomSplits(seed: crashAt, splits: 3, perSplit: 1200, keys: 20));
        var store = new InMemoryObjectStore();
        var random = new Random(crashAt);

        var first = await RunAsync(job, store, new CrashPlan(crashAt), 2);
        await RunAsync(job, store, new CrashPlan(random.Next(1, 60)), random.Next(1, 4));
        var last = await RunAsync(job, store, new CrashPlan(int.MaxValue), random.Next(1, 4));

        Assert.True(first.Crashed, $"there was no step {crashAt}, only {first.Steps}");
        Assert.False(last.Crashed);
        job.Verify();
        var storage = new Streaming.Checkpoints.CheckpointStorage(store, "totals");
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in await storage.ListAsync(Token))
        {
            named.UnionWith((await storage.ReadAsync(id, Token)).Operators.SelectMany(static o => o.Databases ?? []).SelectMany(static d => d.Files).Select(static f => f.File));
        }

        await foreach (var info in store.ListAsync("totals/shared/", cancellationToken: Token))
        {
            Assert.Contains(info.Path, named);
        }
    }

    [Fact]
    public async Task A_store_that_fails_during_an_upload_ends_the_job_with_the_operator_and_the_file()
    {
        using var database = new TemporaryBackend(cachedEntries: 16);
        var store = new InMemoryObjectStore();
        var job = new TumblingJob(WindowModel.RandomSplits(seed: 1, splits: 1, perSplit: 5000, keys: 30));
        await using var run = await job.Build(new FullStore(store), 1, configure: o => o.StateBackend = database.Backend).StartAsync(Token);

        var failed = await Assert.ThrowsAsync<StreamJobException>(() => run.Completion);

        Assert.Contains("operator 'totals'", failed.Message, StringComparison.Ordinal);
        Assert.Contains("totals/shared/", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, failed.SubtaskIndex);
    }

    private static async Task<CrashPlan> RunAsync(TumblingJob job, InMemoryObjectStore store, CrashPlan plan, int parallelism)
    {
        using var database = new TemporaryBackend(cachedEntries: 16);
        StreamJobExecution? running = null;
        var records = 0;
        try
        {
            await using var run = await job.Build(
                new FaultyStore(store, plan), parallelism, map: CountAndTrigger, configure: o => o.StateBackend = database.Backend).StartAsync(Token);
            running = run;
            await run.Completion;
        }
        catch (Exception e) when (
            plan.Crashed && e is CrashException or StreamJobException { InnerException: CrashException } or OperationCanceledException)
        {
            // The process is dead; the next one finds what it left.
        }

        return plan;

        Reading CountAndTrigger(Reading reading)
        {
            if (Interlocked.Increment(ref records) % RecordsPerCheckpoint == 0)
            {
                _ = Volatile.Read(ref running)?.TriggerCheckpointAsync(CancellationToken.None);
            }

            return reading;
        }
    }

    /// <summary>A store whose disk is full for shared files.</summary>
    private sealed class FullStore(IObjectStore inner) : IObjectStore
    {
        public ValueTask<ReadOnlyMemory<byte>?> TryGetAsync(string path, CancellationToken cancellationToken = default)
            => inner.TryGetAsync(path, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> GetRangeAsync(
            string path, long offset, int length, CancellationToken cancellationToken = default)
            => inner.GetRangeAsync(path, offset, length, cancellationToken);

        public ValueTask<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
            => inner.OpenReadAsync(path, cancellationToken);

        public ValueTask<ObjectInfo?> TryStatAsync(string path, CancellationToken cancellationToken = default)
            => inner.TryStatAsync(path, cancellationToken);

        public IAsyncEnumerable<ObjectInfo> ListAsync(
            string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
            => inner.ListAsync(prefix, startAfter, cancellationToken);

        public ValueTask PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
            => inner.PutAsync(path, content, cancellationToken);

        public ValueTask<bool> TryPutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
            => inner.TryPutIfAbsentAsync(path, content, cancellationToken);

        public ValueTask<IObjectWriter> OpenWriteAsync(string path, CancellationToken cancellationToken = default)
            => path.Contains("/shared/", StringComparison.Ordinal)
                ? throw new StorageException(Kernel.ErrorKind.Unavailable, path, $"'{path}': no space left on device.")
                : inner.OpenWriteAsync(path, cancellationToken);

        public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
            => inner.DeleteAsync(path, cancellationToken);

        public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);
    }
}
