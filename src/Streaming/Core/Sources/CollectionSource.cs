using System.Buffers.Binary;

namespace DataPlatform.Streaming.Sources;

/// <summary>A bounded source over lists in memory, one a split: for tests, examples and small inputs.</summary>
/// <typeparam name="T">What it delivers.</typeparam>
public sealed class CollectionSource<T> : ISource<T>
{
    private readonly IReadOnlyList<ReadOnlyMemory<T>> _splits;

    /// <summary>Makes a source.</summary>
    /// <param name="splits">The records of each split; they must not change while a job reads them.</param>
    public CollectionSource(params IReadOnlyList<ReadOnlyMemory<T>> splits)
    {
        ArgumentNullException.ThrowIfNull(splits);
        _splits = splits;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>(
            [.. Enumerable.Range(0, _splits.Count).Select(static i => new SourceSplit(i.ToString("D6", System.Globalization.CultureInfo.InvariantCulture), Encode(0)))]);

    /// <inheritdoc/>
    public ISourceReader<T> CreateReader(SourceReaderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Reader(this, context.BatchSize);
    }

    private static byte[] Encode(int position)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, position);
        return bytes;
    }

    private sealed class Reader(CollectionSource<T> source, int batchSize) : ISourceReader<T>
    {
        private readonly List<Cursor> _cursors = [];
        private int _next;

        public void AddSplits(IReadOnlyList<SourceSplit> splits)
        {
            foreach (var split in splits)
            {
                var index = int.Parse(split.Id, System.Globalization.CultureInfo.InvariantCulture);
                _cursors.Add(new Cursor(split.Id, source._splits[index], BinaryPrimitives.ReadInt32LittleEndian(split.Position.Span)) { IsFinished = split.IsFinished });
            }
        }

        public ReadStatus Read(ISourceOutput<T> output)
        {
            for (var tried = 0; tried < _cursors.Count; tried++)
            {
                var cursor = _cursors[_next++ % _cursors.Count];
                if (cursor.IsFinished || cursor.IsPaused)
                {
                    continue;
                }

                var taken = Math.Min(batchSize, cursor.Records.Length - cursor.Position);
                output.Emit(cursor.Id, cursor.Records.Span.Slice(cursor.Position, taken), default);
                cursor.Position += taken;
                if (cursor.Position == cursor.Records.Length)
                {
                    cursor.IsFinished = true;
                    output.FinishSplit(cursor.Id);
                }

                return ReadStatus.More;
            }

            return _cursors.Exists(static c => !c.IsFinished) ? ReadStatus.Waiting : ReadStatus.Finished;
        }

        public bool CanPauseSplits => true;

        public void SetPaused(string splitId, bool isPaused) => _cursors.Find(c => c.Id.Equals(splitId, StringComparison.Ordinal))!.IsPaused = isPaused;

        public IReadOnlyList<SourceSplit> Snapshot() => [.. _cursors.Select(static c => new SourceSplit(c.Id, Encode(c.Position), c.IsFinished))];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Cursor(string id, ReadOnlyMemory<T> records, int position)
    {
        public string Id { get; } = id;

        public ReadOnlyMemory<T> Records { get; } = records;

        public int Position { get; set; } = position;

        public bool IsFinished { get; set; }

        public bool IsPaused { get; set; }
    }
}
