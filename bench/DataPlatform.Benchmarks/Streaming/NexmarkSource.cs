using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// Replays the generator's block: split s of p takes every p-th batch. At full speed event time is the generator's; at a rate an event is given
/// out when it is due, and its event time is that moment by the job's clock.
/// </summary>
internal sealed class NexmarkSource(NexmarkGenerator generator, long events, int splits, long? eventsPerSecond = null) : ISource<NexmarkEvent>
{
    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>(
            [.. Enumerable.Range(0, splits).Select(static s => new SourceSplit(s.ToString("D4", CultureInfo.InvariantCulture), new byte[8]))]);

    public ISourceReader<NexmarkEvent> CreateReader(SourceReaderContext context)
        => eventsPerSecond is { } rate ? new PacedReader(this, context, rate) : new Reader(this, context.BatchSize);

    private static SourceSplit At(string id, long position, bool finished)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, position);
        return new SourceSplit(id, bytes, finished);
    }

    private sealed class Cursor(SourceSplit split)
    {
        public string Id { get; } = split.Id;

        public int Index { get; } = int.Parse(split.Id, CultureInfo.InvariantCulture);

        public long Position { get; set; } = BinaryPrimitives.ReadInt64LittleEndian(split.Position.Span);

        public bool IsFinished { get; set; } = split.IsFinished;
    }

    private sealed class Reader(NexmarkSource source, int batchSize) : ISourceReader<NexmarkEvent>
    {
        private readonly List<Cursor> _cursors = [];
        private readonly long[] _timesMs = new long[batchSize];
        private int _next;

        public void AddSplits(IReadOnlyList<SourceSplit> added) => _cursors.AddRange(added.Select(static s => new Cursor(s)));

        public ReadStatus Read(ISourceOutput<NexmarkEvent> output)
        {
            for (var tried = 0; tried < _cursors.Count; tried++)
            {
                var cursor = _cursors[_next];
                _next = _next + 1 == _cursors.Count ? 0 : _next + 1;
                if (cursor.IsFinished)
                {
                    continue;
                }

                Read(cursor, output);
                return ReadStatus.More;
            }

            return ReadStatus.Finished;
        }

        public IReadOnlyList<SourceSplit> Snapshot() => [.. _cursors.Select(static c => At(c.Id, c.Position, c.IsFinished))];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Read(Cursor cursor, ISourceOutput<NexmarkEvent> output)
        {
            var first = ((cursor.Position * source.Splits) + cursor.Index) * batchSize;
            if (first >= source.Events)
            {
                cursor.IsFinished = true;
                output.FinishSplit(cursor.Id);
                return;
            }

            cursor.Position++;
            var end = Math.Min(source.Events, first + batchSize);
            while (first < end)
            {
                var at = (int)(first % source.Block.Length);
                var count = (int)Math.Min(end - first, source.Block.Length - at);
                Shift(source.Generator.TimesMs.AsSpan(at, count), first / source.Block.Length * source.Generator.BlockMs, _timesMs);
                output.Emit(cursor.Id, source.Block.AsSpan(at, count), _timesMs.AsSpan(0, count));
                first += count;
            }
        }

        private static void Shift(ReadOnlySpan<long> timesMs, long byMs, Span<long> shifted)
        {
            var at = 0;
            var by = new Vector<long>(byMs);
            for (; at <= timesMs.Length - Vector<long>.Count; at += Vector<long>.Count)
            {
                (new Vector<long>(timesMs[at..]) + by).CopyTo(shifted[at..]);
            }

            for (; at < timesMs.Length; at++)
            {
                shifted[at] = timesMs[at] + byMs;
            }
        }
    }

    private NexmarkGenerator Generator => generator;

    private NexmarkEvent[] Block => generator.Events;

    private long Events => events;

    private int Splits => splits;

    /// <summary>Gives each event out when it is due; splits take turns by event.</summary>
    private sealed class PacedReader : ISourceReader<NexmarkEvent>
    {
        private readonly NexmarkSource _source;
        private readonly SourceReaderContext _context;
        private readonly double _ticksPerEvent;
        private readonly ITimer _timer;
        private readonly long _startTicks;
        private readonly long[] _timesMs;
        private readonly NexmarkEvent[] _due;
        private readonly List<Cursor> _cursors = [];

        public PacedReader(NexmarkSource source, SourceReaderContext context, long rate)
        {
            _source = source;
            _context = context;
            _ticksPerEvent = (double)TimeSpan.TicksPerSecond / rate;
            _startTicks = context.Time.GetUtcNow().UtcTicks;
            _timesMs = new long[context.BatchSize];
            _due = new NexmarkEvent[context.BatchSize];
            var tick = TimeSpan.FromMilliseconds(1);
            _timer = context.Time.CreateTimer(static state => ((Action)state!)(), context.DataAvailable, tick, tick);
        }

        public void AddSplits(IReadOnlyList<SourceSplit> added) => _cursors.AddRange(added.Select(static s => new Cursor(s)));

        public ReadStatus Read(ISourceOutput<NexmarkEvent> output)
        {
            var more = false;
            foreach (var cursor in _cursors.Where(static c => !c.IsFinished))
            {
                more |= Read(cursor, output);
            }

            return more ? ReadStatus.More : _cursors.TrueForAll(static c => c.IsFinished) ? ReadStatus.Finished : ReadStatus.Waiting;
        }

        public IReadOnlyList<SourceSplit> Snapshot() => [.. _cursors.Select(static c => At(c.Id, c.Position, c.IsFinished))];

        public ValueTask DisposeAsync() => _timer.DisposeAsync();

        private bool Read(Cursor cursor, ISourceOutput<NexmarkEvent> output)
        {
            var dueEvents = (long)((_context.Time.GetUtcNow().UtcTicks - _startTicks) / _ticksPerEvent);
            var count = 0;
            for (; count < _due.Length; count++, cursor.Position++)
            {
                var n = (cursor.Position * _source.Splits) + cursor.Index;
                if (n >= dueEvents || n >= _source.Events)
                {
                    break;
                }

                _due[count] = _source.Block[n % _source.Block.Length];
                _timesMs[count] = (_startTicks + (long)(n * _ticksPerEvent) - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMillisecond;
            }

            if (count > 0)
            {
                output.Emit(cursor.Id, _due.AsSpan(0, count), _timesMs.AsSpan(0, count));
            }

            if ((cursor.Position * _source.Splits) + cursor.Index >= _source.Events)
            {
                cursor.IsFinished = true;
                output.FinishSplit(cursor.Id);
            }

            return count == _due.Length;
        }
    }
}
