using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Counts what arrives and forgets it.</summary>
internal sealed class CountingSink<T> : ISink<T>, ISinkCommitter
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public ISinkWriter<T> CreateWriter(SinkWriterContext context) => new Writer(this);

    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => this;

    public ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(CountingSink<T> sink) : ISinkWriter<T>
    {
        public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs) => Interlocked.Add(ref sink._count, records.Length);

        public ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken) => ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
