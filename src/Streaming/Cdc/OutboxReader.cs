using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Streaming.Cdc;

/// <summary>Hands ranges over to the subtask; a task of its own reads them ahead.</summary>
internal sealed class OutboxReader<T>(
    Func<DbConnection> connect, OutboxDecoder<T> decode, OutboxSignal? signal, TimeSpan pollInterval, SourceReaderContext context) : ISourceReader<T>
{
    // Ranges read ahead of the subtask; each holds a few batches.
    private const int RangesAhead = 2;
    private const int BatchesPerRange = 4;

    private readonly SortedDictionary<int, Position> _positions = [];
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Channel<OutboxRange<T>> _ranges = Channel.CreateBounded<OutboxRange<T>>(new BoundedChannelOptions(RangesAhead) { SingleReader = true, SingleWriter = true });
    private readonly Channel<OutboxRange<T>> _free = Channel.CreateUnbounded<OutboxRange<T>>();
    private Task _fetching = Task.CompletedTask;
    private OutboxRange<T>? _range;
    private ExceptionDispatchInfo? _failure;

    public void AddSplits(IReadOnlyList<SourceSplit> splits)
    {
        foreach (var split in splits)
        {
            _positions.Add(
                int.Parse(split.Id, CultureInfo.InvariantCulture),
                new Position(split.Id) { Sequence = BinaryPrimitives.ReadInt64LittleEndian(split.Position.Span), IsFinished = split.IsFinished });
        }

        var open = _positions.Where(static p => !p.Value.IsFinished).ToDictionary(static p => p.Key, static p => p.Value.Sequence);
        if (open.Count > 0)
        {
            _fetching = Task.Run(() => FetchAsync(open));
        }
    }

    public ReadStatus Read(ISourceOutput<T> output)
    {
        if (_positions.Values.All(static p => p.IsFinished))
        {
            return ReadStatus.Finished;
        }

        if (_range is null && !_ranges.Reader.TryRead(out _range))
        {
            Volatile.Read(ref _failure)?.Throw();
            return ReadStatus.Waiting;
        }

        if (_range.TryTake(context.BatchSize, out var split, out var chunk))
        {
            var position = _positions[split];
            output.Emit(position.Id, chunk.Records, chunk.TimesMs);
            position.Sequence = chunk.LastSequence;
            return ReadStatus.More;
        }

        EndRange(output, _range);
        _range.Clear();
        _free.Writer.TryWrite(_range);
        _range = null;
        return ReadStatus.More;
    }

    public IReadOnlyList<SourceSplit> Snapshot()
        => [.. _positions.Values.Select(static p => new SourceSplit(p.Id, OutboxSource<T>.Encode(p.Sequence), p.IsFinished))];

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync().ConfigureAwait(false);
        await _fetching.ConfigureAwait(false);
        _cancellation.Dispose();
    }

    private void EndRange(ISourceOutput<T> output, OutboxRange<T> range)
    {
        foreach (var position in _positions.Values.Where(static p => !p.IsFinished))
        {
            // Nothing of this split is left up to the range's end, also where it had no row in it.
            position.Sequence = Math.Max(position.Sequence, range.EndSequence);
            if (range.IsLast)
            {
                position.IsFinished = true;
                output.FinishSplit(position.Id);
            }
        }
    }

    private async Task FetchAsync(Dictionary<int, long> positions)
    {
        try
        {
            var connection = connect();
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(_cancellation.Token).ConfigureAwait(false);
                using var query = new OutboxQuery<T>(connection, positions, decode);
                await FetchAsync(query, positions.Values.Min()).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt has ended; nobody reads what would follow.
        }
#pragma warning disable CA1031 // Whatever the database throws belongs to the subtask, which asks at its next read.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _failure, ExceptionDispatchInfo.Capture(e));
            context.DataAvailable();
        }
    }

    private async Task FetchAsync(OutboxQuery<T> query, long offset)
    {
        while (true)
        {
            // Asked for before the look, so that rows committed after the look still wake us.
            var signalled = signal?.NextAsync();
            var last = query.LastSequence();
            while (offset < last)
            {
                var end = Math.Min(last, offset + (context.BatchSize * BatchesPerRange));
                var range = _free.Reader.TryRead(out var reused) ? reused : new OutboxRange<T>();
                query.Read(offset, end, range);
                await _ranges.Writer.WriteAsync(range, _cancellation.Token).ConfigureAwait(false);
                context.DataAvailable();
                if (range.IsLast)
                {
                    return;
                }

                offset = end;
            }

            await WaitAsync(signalled).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(Task? signalled)
    {
        var poll = Task.Delay(pollInterval, context.Time, _cancellation.Token);
        await (signalled is null ? poll : Task.WhenAny(signalled, poll)).ConfigureAwait(false);
        _cancellation.Token.ThrowIfCancellationRequested();
    }

    private sealed class Position(string id)
    {
        public string Id { get; } = id;

        public long Sequence { get; set; }

        public bool IsFinished { get; set; }
    }
}
