using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>
/// The accumulators of open windows: one table of keys for each slice, and the windows that have yet to fire. The watermark up to which
/// windows have fired is state too, by key group: after a restore a record must be late exactly where it was before, or a window that has
/// been given out would come to life again.
/// </summary>
internal sealed class SliceState<TKey, TAccumulator>(
    SliceGrid grid, KeyGroupRange groups, int maxParallelism, IStateSerializer<TKey> keySerializer, IStateSerializer<TAccumulator> accumulatorSerializer)
    where TKey : notnull
{
    private const string SlicesName = "slices";

    // By the slice's start and the first window that its records count for. That is the first window around the slice, unless the records were
    // late for that one by the watermark of their split.
    private readonly SortedDictionary<(long StartMs, long FirstWindowMs), KeyTable<TKey, TAccumulator>> _parts = [];
    private readonly SortedSet<long> _pending = [];
    private readonly KeyHasher<TKey> _hasher = KeyHashers.Create(keySerializer);
    private readonly RestoredWatermarks _before = new(groups, maxParallelism);

    /// <summary>The table of a slice, and the windows around it marked as pending.</summary>
    public KeyTable<TKey, TAccumulator> Slice(long startMs, long watermarkMs) => Part(startMs, grid.FirstWindowStart(startMs), watermarkMs);

    /// <summary>The table of those records of a slice that count for windows from one on.</summary>
    public KeyTable<TKey, TAccumulator> Part(long startMs, long firstWindowMs, long watermarkMs)
    {
        if (_parts.TryGetValue((startMs, firstWindowMs), out var table))
        {
            return table;
        }

        table = new KeyTable<TKey, TAccumulator>();
        if (grid.IsInWindow(startMs))
        {
            _parts.Add((startMs, firstWindowMs), table);
            for (var window = grid.LastWindowStart(startMs); window >= firstWindowMs; window -= grid.SlideMs)
            {
                if (grid.MaxTimestamp(window) > watermarkMs)
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
        return _pending.Count > 0 && grid.MaxTimestamp(windowStartMs) <= watermarkMs && _pending.Remove(windowStartMs);
    }

    /// <summary>The accumulators of a window by key; only for reading.</summary>
    public KeyTable<TKey, TAccumulator> Combine<TIn, TResult>(TimeWindow window, IAggregateFunction<TIn, TAccumulator, TResult> aggregate)
    {
        if (grid.SliceMs == grid.SizeMs)
        {
            return _parts.TryGetValue((window.StartMs, window.StartMs), out var only) ? only : new KeyTable<TKey, TAccumulator>();
        }

        var combined = new KeyTable<TKey, TAccumulator>();
        foreach (var part in PartsOf(window))
        {
            for (var at = part.Next(0); at >= 0; at = part.Next(at + 1))
            {
                ref readonly var entry = ref part.EntryAt(at);
                ref var accumulator = ref combined.GetOrAdd(entry.Key, entry.Hash, out var exists);
                accumulator = exists ? accumulator : aggregate.CreateAccumulator();
                aggregate.Merge(ref accumulator, in entry.Value);
            }
        }

        return combined;
    }

    /// <summary>The accumulator of one key in a window.</summary>
    public TAccumulator Combine<TIn, TResult>(TimeWindow window, TKey key, int hash, IAggregateFunction<TIn, TAccumulator, TResult> aggregate)
    {
        var combined = aggregate.CreateAccumulator();
        foreach (var part in PartsOf(window))
        {
            if (part.TryGet(key, hash, out var found))
            {
                aggregate.Merge(ref combined, in found);
            }
        }

        return combined;
    }

    /// <summary>Drops slices that no window will ask for again.</summary>
    public void Forget(long watermarkMs, long allowedLatenessMs)
    {
        while (_parts.Count > 0)
        {
            var first = _parts.First().Key;
            if (!Lateness.IsLate(grid.MaxTimestamp(grid.LastWindowStart(first.StartMs)), allowedLatenessMs, watermarkMs))
            {
                break;
            }

            _parts.Remove(first);
        }

        _before.Pass(watermarkMs);
    }

    public void Snapshot(SubtaskSnapshot snapshot, string uid, long watermarkMs)
    {
        var slices = new SliceStateSource<TKey, TAccumulator>(
            uid, SlicesName, groups, maxParallelism, keySerializer, accumulatorSerializer, [.. _parts.Select(static p => new SlicePart<TKey, TAccumulator>(p.Key.StartMs, p.Key.FirstWindowMs, p.Value.TakeSnapshot()))]);
        if (accumulatorSerializer.IsImmutable && keySerializer.IsImmutable)
        {
            snapshot.Add(slices);
        }
        else
        {
            using (slices)
            {
                snapshot.Add(new FrozenStateSource(slices));
            }
        }

        _before.Snapshot(snapshot, uid, watermarkMs);
    }

    public void Restore(RestoredOperator restored)
    {
        restored.Read(SlicesName, keySerializer.CanRead, accumulatorSerializer.CanRead, ReadSlices);
        _before.Restore(restored);
    }

    private IEnumerable<KeyTable<TKey, TAccumulator>> PartsOf(TimeWindow window)
    {
        // The slices of a window lie at its beginning in the order of the parts once those before it have been forgotten.
        foreach (var ((startMs, firstWindowMs), part) in _parts)
        {
            if (startMs >= window.EndMs)
            {
                yield break;
            }

            if (startMs >= window.StartMs && firstWindowMs <= window.StartMs)
            {
                yield return part;
            }
        }
    }

    private void ReadSlices(ref StateReader reader)
    {
        while (reader.Remaining > 0)
        {
            var table = Part(reader.ReadVarInt64(), reader.ReadVarInt64(), long.MinValue);
            for (var count = reader.ReadVarUInt64(); count > 0; count--)
            {
                var key = keySerializer.Read(ref reader);
                table.GetOrAdd(key, _hasher.Hash(key), out _) = accumulatorSerializer.Read(ref reader);
            }
        }
    }
}
