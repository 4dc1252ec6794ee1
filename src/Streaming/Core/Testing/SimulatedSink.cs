using System.Buffers.Binary;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Streaming.Testing;

/// <summary>
/// A two-phase-commit sink in memory that outlives attempts, as a table would. It notices what no sink should ever see: a commit repeated with
/// other content, or of something that was never prepared.
/// </summary>
/// <typeparam name="T">What is written.</typeparam>
/// <param name="pause">Waits; a simulation gives its own, so that a crash can fall between any two steps. Null does not wait.</param>
public sealed class SimulatedSink<T>(Func<Task>? pause = null) : ISink<T>
{
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<T>> _prepared = [];
    private readonly SortedDictionary<long, IReadOnlyList<long>> _commits = [];

    /// <summary>Waits; may be replaced for each attempt.</summary>
    public Func<Task>? Pause { get; set; } = pause;

    /// <summary>What has been committed, in the order of checkpoints.</summary>
    public IReadOnlyList<T> Committed
    {
        get
        {
            lock (_gate)
            {
                return [.. _commits.Values.SelectMany(static tokens => tokens).SelectMany(token => _prepared[(int)token])];
            }
        }
    }

    /// <summary>The checkpoints whose output has been committed.</summary>
    public IReadOnlyList<long> Checkpoints
    {
        get
        {
            lock (_gate)
            {
                return [.. _commits.Keys];
            }
        }
    }

    /// <inheritdoc/>
    public ISinkWriter<T> CreateWriter(SinkWriterContext context) => new Writer(this);

    /// <inheritdoc/>
    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => new Committer(this, Pause);

    private byte[] Prepare(IReadOnlyList<T> records)
    {
        var token = new byte[8];
        lock (_gate)
        {
            BinaryPrimitives.WriteInt64LittleEndian(token, _prepared.Count);
            _prepared.Add(records);
        }

        return token;
    }

    private void Commit(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables)
    {
        List<long> tokens = [.. committables.Select(static c => BinaryPrimitives.ReadInt64LittleEndian(c.Span)).Order()];
        lock (_gate)
        {
            if (tokens.Exists(token => token >= _prepared.Count) || (_commits.TryGetValue(checkpointId, out var before) && !before.SequenceEqual(tokens)))
            {
                throw new StreamJobException(ErrorKind.Corrupt, $"Checkpoint {checkpointId} was committed again with other output: exactly-once is broken.");
            }

            _commits[checkpointId] = tokens;
        }
    }

    private sealed class Writer(SimulatedSink<T> sink) : ISinkWriter<T>
    {
        private readonly Func<Task>? _pause = sink.Pause;
        private List<T> _epoch = [];

        public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs) => _epoch.AddRange(records);

        public async ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken)
        {
            var detached = _epoch;
            _epoch = [];
            if (_pause is not null)
            {
                await _pause().ConfigureAwait(false);
            }

            return detached.Count == 0 ? ReadOnlyMemory<byte>.Empty : sink.Prepare(detached);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Committer(SimulatedSink<T> sink, Func<Task>? pause) : ISinkCommitter
    {
        public async ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken)
        {
            await (pause?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            sink.Commit(checkpointId, committables);
            await (pause?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
