using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Streaming.Tests;

/// <summary>
/// A sink whose committed output outlives attempts, as a table would: idempotent by checkpoint id, and it notices a commit that repeats with
/// other content. Records are written as text.
/// </summary>
public sealed class CollectingSink<T>(Func<T, long, string> format) : ISink<T>
{
    private readonly SortedDictionary<long, List<string>> _committed = [];
    private readonly Lock _gate = new();

    public CollectingSink()
        : this(static (record, _) => Convert.ToString(record, CultureInfo.InvariantCulture)!)
    {
    }

    public ConcurrentQueue<long> CommitCalls { get; } = new();

    /// <summary>Called before a commit takes effect, and after; may throw.</summary>
    public Action<long, string>? OnCommit { get; set; }

    /// <summary>Called when a writer prepares; may throw.</summary>
    public Action<long>? OnPrepare { get; set; }

    public IReadOnlyList<string> Committed
    {
        get
        {
            lock (_gate)
            {
                return [.. _committed.SelectMany(static c => c.Value)];
            }
        }
    }

    public IReadOnlyList<string> Sorted => [.. Committed.Order(StringComparer.Ordinal)];

    public ISinkWriter<T> CreateWriter(SinkWriterContext context) => new Writer(this);

    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => new Committer(this);

    private void Commit(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables)
    {
        var lines = committables.SelectMany(static c => Encoding.UTF8.GetString(c.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        lock (_gate)
        {
            if (_committed.TryGetValue(checkpointId, out var before))
            {
                Assert.Equal(before, lines);
            }

            _committed[checkpointId] = lines;
        }
    }

    private sealed class Writer(CollectingSink<T> sink) : ISinkWriter<T>
    {
        private StringBuilder _buffer = new();

        public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
        {
            for (var i = 0; i < records.Length; i++)
            {
                _buffer.Append(sink._format(records[i], eventTimesMs[i])).Append('\n');
            }
        }

        public async ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken)
        {
            var detached = _buffer;
            _buffer = new StringBuilder();
            sink.OnPrepare?.Invoke(checkpointId);
            await Task.Yield();
            return Encoding.UTF8.GetBytes(detached.ToString());
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private readonly Func<T, long, string> _format = format;

    private sealed class Committer(CollectingSink<T> sink) : ISinkCommitter
    {
        public ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken)
        {
            sink.CommitCalls.Enqueue(checkpointId);
            sink.OnCommit?.Invoke(checkpointId, "before");
            sink.Commit(checkpointId, committables);
            sink.OnCommit?.Invoke(checkpointId, "after");
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
