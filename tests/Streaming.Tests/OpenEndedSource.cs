using System.Buffers.Binary;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Streaming.Tests;

/// <summary>One split of records that, unless it is bounded, then waits for more for ever.</summary>
public sealed class OpenEndedSource<T>(IReadOnlyList<T> records, bool bounded) : ISource<T>
{
    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([new SourceSplit("only", new byte[4])]);

    public ISourceReader<T> CreateReader(SourceReaderContext context) => new Reader(this, context.BatchSize);

    private sealed class Reader(OpenEndedSource<T> source, int batchSize) : ISourceReader<T>
    {
        private int _position = -1;
        private bool _finished;

        public void AddSplits(IReadOnlyList<SourceSplit> splits)
        {
            foreach (var split in splits)
            {
                _position = BinaryPrimitives.ReadInt32LittleEndian(split.Position.Span);
                _finished = split.IsFinished;
            }
        }

        public ReadStatus Read(ISourceOutput<T> output)
        {
            if (_position < 0 || _finished)
            {
                return ReadStatus.Finished;
            }

            var batch = source.Records.Skip(_position).Take(batchSize).ToArray();
            if (batch.Length > 0)
            {
                output.Emit("only", batch, default);
                _position += batch.Length;
                return ReadStatus.More;
            }

            if (!source.IsBounded)
            {
                return ReadStatus.Waiting;
            }

            _finished = true;
            output.FinishSplit("only");
            return ReadStatus.More;
        }

        public IReadOnlyList<SourceSplit> Snapshot()
        {
            if (_position < 0)
            {
                return [];
            }

            var position = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(position, _position);
            return [new SourceSplit("only", position, _finished)];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private IReadOnlyList<T> Records => records;

    private bool IsBounded => bounded;
}
