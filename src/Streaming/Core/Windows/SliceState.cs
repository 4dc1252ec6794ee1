using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>
/// The accumulators of open windows: one table of keys for each slice, and the windows that have yet to fire. The watermark up to which
/// windows have fired is state too, by key group: after a restore a record must be late exactly where it was before, or a window that has
/// been given out would come to life again.
/// </summary>
internal sealed class SliceState<TKey, TAccumulator> : IDisposable
    where TKey : notnull
{
    private const string SlicesName = "slices";

    private readonly SliceGrid _grid;
    private readonly StateStore<TKey> _store;
    private readonly SliceTables<TKey, TAccumulator> _slices;

    // By the slice's start and the first window that its records count for. That is the first window around the slice, unless the records
    // were
    // late for that one by the watermark of their split.
    private readonly SortedDictionary<SliceId, StateTable<TKey, TAccumulator>> _parts = [];
    private readonly SortedSet<long> _pending = [];
    private readonly RestoredWatermarks _before;

    public SliceState(
        SliceGrid grid, OperatorContext context, IStateSerializer<TKey> keySerializer, IStateSerializer<TAccumulator> accumulatorSerializer, RestoredOperator? restored)
    {
        _grid = grid;
        _store = context.Options.StateBackend.Open(context, keySerializer, restored);
        _before = new RestoredWatermarks(context.KeyGroups, context.Options.MaxParallelism);
        try
        {
            _slices = _store.Slices(SlicesName, accumulatorSerializer);
            if (restored is not null)
            {
                _before.Restore(restored);
            }
        }
        catch
        {
            _store.Dispose();
            throw;
        }

        foreach (var slice in _slices.Restored)
        {
            Part(slice.StartMs, slice.FirstWindowMs, long.MinValue);
        }
    }

    /// <summary>The table of a slice, and the windows around it marked as pending.</summary>
    public StateTable<TKey, TAccumulator> Slice(long startMs, long watermarkMs)
        => Part(startMs, _grid.FirstWindowStart(startMs), watermarkMs);

    /// <summary>The table of those records of a slice that count for windows from one on.</summary>
    public StateTable<TKey, TAccumulator> Part(long startMs, long firstWindowMs, long watermarkMs)
    {
        var slice = new SliceId(startMs, firstWindowMs);
        if (_parts.TryGetValue(slice, out var table))
        {
            return table;
        }

        table = _grid.IsInWindow(startMs) ? _slices.Open(slice) : new KeyTable<TKey, TAccumulator>();
        if (_grid.IsInWindow(startMs))
        {
            _parts.Add(slice, table);
            for (var window = _grid.LastWindowStart(startMs); window >= firstWindowMs; window -= _grid.SlideMs)
            {
                if (_grid.MaxTimestamp(window) > watermarkMs)
                {
                    _pending.Add(window);
                }
            }
        }

        return table;
    }

    /// <summary>Whether, before the restore, a window that is forgotten at a watermark was so for a key.</summary>
    public bool WasLate(int hash, long forgottenMs) => _before.HasReached(hash, forgottenMs);

    /// <summary>Whether, before the restore, a window had fired for a key.</summary>
    public bool WasFired(int hash, long maxTimestampMs) => _before.HasReached(hash, maxTimestampMs);

    /// <summary>The next window whose last millisecond the watermark has reached, in the order of time.</summary>
    public bool TryTakeDue(long watermarkMs, out long windowStartMs)
    {
        windowStartMs = _pending.Count > 0 ? _pending.Min : 0;
        return _pending.Count > 0 && _grid.MaxTimestamp(windowStartMs) <= watermarkMs && _pending.Remove(windowStartMs);
    }

    /// <summary>The accumulators of a window by key; only for reading.</summary>
    public StateTable<TKey, TAccumulator> Combine<TIn, TResult>(TimeWindow window, IAggregateFunction<TIn, TAccumulator, TResult> aggregate)
    {
        if (_grid.SliceMs == _grid.SizeMs)
        {
            return _parts.TryGetValue(
                new SliceId(window.StartMs, window.StartMs), out var only) ? only : new KeyTable<TKey, TAccumulator>();
        }

        var combined = new KeyTable<TKey, TAccumulator>();
        foreach (var (_, part) in PartsOf(window))
        {
            using var entries = part.Scan();
            while (entries.MoveNext())
            {
                ref var accumulator = ref combined.GetOrAdd(entries.Key, entries.Hash, out var exists);
                accumulator = exists ? accumulator : aggregate.CreateAccumulator();
                aggregate.Merge(ref accumulator, in entries.Value);
            }
        }

        return combined;
    }

    /// <summary>The accumulator of one key in a window.</summary>
    public TAccumulator Combine<TIn, TResult>(
        TimeWindow window, TKey key, int hash, IAggregateFunction<TIn, TAccumulator, TResult> aggregate)
    {
        var combined = aggregate.CreateAccumulator();
        foreach (var (_, part) in PartsOf(window))
        {
            if (part.TryPeek(key, hash, out var found))
            {
                aggregate.Merge(ref combined, in found);
            }
        }

        return combined;
    }

    /// <summary>Drops slices that no window will ask for again.</summary>
    /// <param name="watermarkMs">The watermark.</param>
    /// <param name="allowedLatenessMs">How long windows are kept after it has passed them.</param>
    /// <param name="dropping">Sees each slice while it can still be read.</param>
    public void Forget(long watermarkMs, long allowedLatenessMs, Action<SliceId, StateTable<TKey, TAccumulator>>? dropping)
    {
        while (_parts.Count > 0)
        {
            var first = _parts.First().Key;
            if (!Lateness.IsLate(_grid.MaxTimestamp(_grid.LastWindowStart(first.StartMs)), allowedLatenessMs, watermarkMs))
            {
                break;
            }

            _parts.Remove(first, out var part);
            dropping?.Invoke(first, part!);
            _slices.Drop(first);
        }

        _before.Pass(watermarkMs);
    }

    /// <summary>The parts of slices that a window is put together from.</summary>
    public IEnumerable<KeyValuePair<SliceId, StateTable<TKey, TAccumulator>>> PartsOf(TimeWindow window)
    {
        // The slices of a window lie at its beginning in the order of the parts once those before it have been forgotten.
        foreach (var (id, part) in _parts)
        {
            var (startMs, firstWindowMs) = id;
            if (startMs >= window.EndMs)
            {
                yield break;
            }

            if (startMs >= window.StartMs && firstWindowMs <= window.StartMs)
            {
                yield return KeyValuePair.Create(id, part);
            }
        }
    }

    public void Snapshot(SubtaskSnapshot snapshot, string uid, long watermarkMs)
    {
        _store.Snapshot(snapshot);
        _before.Snapshot(snapshot, uid, watermarkMs);
    }

    public void Dispose() => _store.Dispose();
}
