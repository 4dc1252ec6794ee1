using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Counts what arrives and forgets it; where asked, notes how long after its event time each record arrived.</summary>
internal sealed class CountingSink<T>(LatencyHistogram? latency) : ISink<T>, ISinkCommitter
{
    private readonly Lock _gate = new();
    private readonly List<Writer> _writers = [];

    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _writers.Sum(static w => w.Count);
            }
        }
    }

    public ISinkWriter<T> CreateWriter(SinkWriterContext context)
    {
        var writer = new Writer(latency, context.Time);
        lock (_gate)
        {
            _writers.Add(writer);
        }

        return writer;
    }

    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => this;

    public ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Writer(LatencyHistogram? latency, TimeProvider time) : ISinkWriter<T>
    {
        private long _count;

        public long Count => Volatile.Read(ref _count);

        public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
        {
            _count += records.Length;
            latency?.Add(time.GetUtcNow().ToUnixTimeMilliseconds(), eventTimesMs);
        }

        public ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken) => ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>How many results came how many milliseconds after their event time.</summary>
internal sealed class LatencyHistogram
{
    private const int MaxMs = 60_000;
    private readonly long[] _counts = new long[MaxMs + 1];

    public void Add(long nowMs, ReadOnlySpan<long> eventTimesMs)
    {
        foreach (var timeMs in eventTimesMs)
        {
            // A window that is cut short by the end of the input comes before its end: that says nothing about latency.
            if (timeMs <= nowMs)
            {
                Interlocked.Increment(ref _counts[Math.Min(nowMs - timeMs, MaxMs)]);
            }
        }
    }

    /// <summary>The latency that a share of the results does not exceed, in milliseconds; null without results.</summary>
    public long? Quantile(double share)
    {
        var total = _counts.Sum();
        var seen = 0L;
        for (var ms = 0; ms <= MaxMs && total > 0; ms++)
        {
            seen += _counts[ms];
            if (seen >= share * total)
            {
                return ms;
            }
        }

        return null;
    }
}
