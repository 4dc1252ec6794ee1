using System.Buffers.Binary;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Replays the generator's block: split s of p takes every p-th batch.</summary>
internal sealed class NexmarkSource(NexmarkGenerator generator, long events, int splits) : ISource<NexmarkEvent>
{
    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([.. Enumerable.Range(0, splits).Select(static s => new SourceSplit($"{s}", new byte[8]))]);

    public ISourceReader<NexmarkEvent> CreateReader(SourceReaderContext context) => new Reader(generator.Events, events, splits, context.BatchSize);

    private sealed class Reader(NexmarkEvent[] block, long events, int splits, int batchSize) : ISourceReader<NexmarkEvent>
    {
        private readonly long[] _timesMs = new long[batchSize];
        private string _id = string.Empty;
        private long _batch;
        private bool _finished = true;

        public void AddSplits(IReadOnlyList<SourceSplit> added)
        {
            if (added is [var only])
            {
                _id = only.Id;
                _finished = only.IsFinished;
                _batch = Math.Max(BinaryPrimitives.ReadInt64LittleEndian(only.Position.Span), int.Parse(_id, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        public ReadStatus Read(ISourceOutput<NexmarkEvent> output)
        {
            var first = _batch * batchSize;
            if (_finished || first >= events)
            {
                if (!_finished)
                {
                    _finished = true;
                    output.FinishSplit(_id);
                }

                return ReadStatus.Finished;
            }

            var count = (int)Math.Min(batchSize, events - first);
            for (var i = 0; i < count; i++)
            {
                _timesMs[i] = NexmarkGenerator.TimeMs(first + i);
            }

            output.Emit(_id, block.AsSpan((int)(first % NexmarkGenerator.BlockEvents), count), _timesMs.AsSpan(0, count));
            _batch += splits;
            return ReadStatus.More;
        }

        public IReadOnlyList<SourceSplit> Snapshot()
        {
            var position = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(position, _batch);
            return [new SourceSplit(_id, position, _finished)];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
