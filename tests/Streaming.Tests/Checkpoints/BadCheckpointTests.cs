using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Checkpoints;

/// <summary>
/// A checkpoint that cannot be read or written says so with the operator, the state and the file, and the last good one stays.
/// </summary>
public sealed class BadCheckpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_state_file_is_named_with_its_operator()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));
        var file = (await store.ListAsync("mine/state/", cancellationToken: Token).ToListAsync(Token))[^1].Path;
        await store.DeleteAsync(file, Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1)));

        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains("Operator 'input'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_another_job_is_refused()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, "theirs", Counting<long>(static (v, _) => v + 1));
        var manifest = (await store.ListAsync("theirs/checkpoints/", cancellationToken: Token).ToListAsync(Token))[^1].Path;
        await store.PutAsync(
            manifest.Replace("theirs", "mine", StringComparison.Ordinal), (await store.TryGetAsync(manifest, Token))!.Value, Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1)));

        Assert.Contains("'theirs', not of 'mine'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_byte_in_a_manifest_is_named()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));
        var path = (await store.ListAsync("mine/checkpoints/", cancellationToken: Token).ToListAsync(Token))[^1].Path;
        var bytes = (await store.TryGetAsync(path, Token))!.Value.ToArray();
        bytes[^5] ^= 4;
        await store.PutAsync(path, bytes, Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(() => RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1)));

        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_of_another_type_is_refused_with_its_name_and_operator_and_the_old_job_still_restores()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));

        var error = await Assert.ThrowsAsync<StreamJobException>(() => RunAsync(store, "mine", Counting<string>(static (v, _) => v + "x")));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Equal("count", error.OperatorName);
        Assert.Contains("State 'count' of operator 'count'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'str', not 'i64'", error.Message, StringComparison.Ordinal);
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));
    }

    [Fact]
    public async Task A_serialiser_that_fails_in_the_background_is_named_with_state_operator_and_file()
    {
        var failing = StateSerializer.Create<Reading>(
            "failing", static (_, _) => throw new NotSupportedException("no such letter"), static (ref StateReader _) => default);

        var error = await Assert.ThrowsAsync<StreamJobException>(
            () => RunAsync(
                new InMemoryObjectStore(),
                "mine",
                Counting<Reading>(static (v, _) => v),
                options => options.Serializers.Register(failing)));

        Assert.Contains("State 'count' of operator 'count'", error.Message, StringComparison.Ordinal);
        Assert.Contains("mine/state/", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such letter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_room_fails_the_checkpoint_by_name_and_the_last_good_one_restores()
    {
        var store = new InMemoryObjectStore();
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));
        var good = await store.ListAsync("mine/checkpoints/", cancellationToken: Token).ToListAsync(Token);

        var error = await Assert.ThrowsAsync<StreamJobException>(
            () => RunAsync(new FullStore(store), "mine", Counting<long>(static (v, _) => v + 1)));

        Assert.Contains("count", error.Message, StringComparison.Ordinal);
        Assert.Contains("no space left", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            good.Select(static i => i.Path),
            (await store.ListAsync("mine/checkpoints/", cancellationToken: Token).ToListAsync(Token)).Select(static i => i.Path));
        await RunAsync(store, "mine", Counting<long>(static (v, _) => v + 1));
    }

    private static Func<DataStream<Reading>, DataStream<Reading>> Counting<T>(Func<T, Reading, T> change)
        => stream => stream.KeyBy(static r => r.Key).Process("count", "count", () => new CountFunction<T>(change));

    private static async Task RunAsync(
        IObjectStore store, string name, Func<DataStream<Reading>, DataStream<Reading>> pipeline, Action<StreamJobOptions>? configure = null)
    {
        var options = new StreamJobOptions { CheckpointStore = store };
        configure?.Invoke(options);
        var job = new StreamJobBuilder(name, options);
        var source = new CollectionSource<Reading>([new ReadOnlyMemory<Reading>([new Reading("a", 1, 1), new Reading("b", 2, 2)])]);
        pipeline(job.FromSource("input", "input", source, WatermarkStrategy.Monotonous<Reading>(static r => r.TimeMs))).SinkTo("sink", "sink", new CollectingSink<Reading>());
        await using var run = await job.Build().StartAsync(Token);
        await run.Completion;
    }

    private sealed class CountFunction<T>(Func<T, Reading, T> change) : KeyedProcessFunction<string, Reading, Reading>
    {
        private IValueState<T> _count = null!;

        public override void Open(IKeyedStates states) => _count = states.Value<T>("count");

        public override void Process(Reading record, KeyedContext<string, Reading> context)
        {
            _count.TryGet(out var count);
            _count.Update(change(count, record));
            context.Collect(record);
        }
    }

    /// <summary>A store whose disk is full.</summary>
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
            => throw new StorageException(ErrorKind.Unavailable, path, $"'{path}': no space left on device.");

        public ValueTask<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
            => inner.DeleteAsync(path, cancellationToken);

        public bool TryGetLocalPath(string path, out string localPath) => inner.TryGetLocalPath(path, out localPath);
    }
}
