using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Testing;

/// <summary>The hand that pushes: one split, records and watermarks as a test gives them. What was pushed before a restart is not read again.</summary>
internal sealed class HarnessSource<T> : ISource<T>, ISourceReader<T>, IWatermarkGenerator<T>
{
    private const string SplitId = "hand";
    private readonly Queue<(bool IsRecord, T Record, long TimeMs)> _pushed = new();
    private Action _wake = static () => { };
    private bool _completed;

    public long CurrentWatermarkMs { get; private set; } = long.MinValue;

    public void Push(T record, long timeMs) => Add((true, record, timeMs));

    public void Watermark(long timeMs) => Add((false, default!, timeMs));

    public void Complete()
    {
        _completed = true;
        _wake();
    }

    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit(SplitId, ReadOnlyMemory<byte>.Empty)]);

    public ISourceReader<T> CreateReader(SourceReaderContext context)
    {
        _wake = context.DataAvailable;
        return this;
    }

    public void AddSplits(IReadOnlyList<SourceSplit> splits)
    {
    }

    public ReadStatus Read(ISourceOutput<T> output)
    {
        if (!_pushed.TryDequeue(out var next))
        {
            return _completed ? ReadStatus.Finished : ReadStatus.Waiting;
        }

        if (next.IsRecord)
        {
            output.Emit(SplitId, [next.Record], [next.TimeMs]);
        }
        else
        {
            CurrentWatermarkMs = Math.Max(CurrentWatermarkMs, next.TimeMs);
            output.Emit(SplitId, default, default);
        }

        return ReadStatus.More;
    }

    public IReadOnlyList<SourceSplit> Snapshot() => [new SourceSplit(SplitId, ReadOnlyMemory<byte>.Empty)];

    public void OnRecords(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Add((bool IsRecord, T Record, long TimeMs) pushed)
    {
        _pushed.Enqueue(pushed);
        _wake();
    }
}

/// <summary>Shows what comes out at once, committed or not.</summary>
internal sealed class HarnessSink<T>(List<TimedResult<T>> results) : ISink<T>, ISinkWriter<T>, ISinkCommitter
{
    public ISinkWriter<T> CreateWriter(SinkWriterContext context) => this;

    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => this;

    public void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        for (var i = 0; i < records.Length; i++)
        {
            results.Add(new TimedResult<T>(records[i], eventTimesMs[i]));
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken) => ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);

    public ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
