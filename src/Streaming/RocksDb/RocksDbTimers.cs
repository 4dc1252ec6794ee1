using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// Timers in a database, in the order of time in each key group. Those before a horizon are in a queue in memory as well; when it runs
/// empty
/// the next few of each group are read and the horizon moves on, and when it grows too long the horizon moves back.
/// </summary>
internal sealed class RocksDbTimers<TKey, TNamespace>(
    Database database,
    ColumnFamilyHandle family,
    EntryCache<KeyedTimer<TKey, TNamespace>, byte> cache,
    TimerCodec<TKey, TNamespace> codec,
    KeyGroupRange groups,
    BatchHandle batch,
    int queuedMax)
    : KeyedTimers<TKey, TNamespace>
    where TKey : notnull
{
    private const int ReadPerGroup = 64;
    private readonly PriorityQueue<KeyedTimer<TKey, TNamespace>, (long TimeMs, long Order)> _queue = new();
    private readonly StateWriter _from = new();
    private readonly StateWriter _below = new();
    private long _horizonMs = long.MaxValue;
    private bool _mayHaveBeyond;
    private long _order;
    private int _takenBack;

    public override long? NextMs
    {
        get
        {
            Refill(long.MaxValue);
            return _queue.TryPeek(out var timer, out _) ? timer.TimeMs : null;
        }
    }

    /// <summary>There are timers in the database that the queue does not know.</summary>
    public void SetRestored()
    {
        _mayHaveBeyond = true;
        _horizonMs = long.MinValue;
    }

    public override bool Register(KeyedTimer<TKey, TNamespace> timer)
    {
        cache.GetOrAdd(timer, TimerCodec<TKey, TNamespace>.CacheHash(timer), out var exists);
        if (exists)
        {
            return false;
        }

        if (timer.TimeMs < _horizonMs || !_mayHaveBeyond)
        {
            Enqueue(timer);
        }

        return true;
    }

    public override bool Delete(KeyedTimer<TKey, TNamespace> timer)
    {
        var removed = cache.Remove(timer, TimerCodec<TKey, TNamespace>.CacheHash(timer));
        if (removed && timer.TimeMs < _horizonMs && ++_takenBack > queuedMax)
        {
            MoveHorizon(long.MinValue);
        }

        return removed;
    }

    public override bool TryTakeDue(long nowMs, out KeyedTimer<TKey, TNamespace> timer)
    {
        while (true)
        {
            Refill(nowMs);
            if (!_queue.TryPeek(out timer, out _) || timer.TimeMs > nowMs)
            {
                timer = default;
                return false;
            }

            _queue.Dequeue();
            if (cache.Remove(timer, TimerCodec<TKey, TNamespace>.CacheHash(timer)))
            {
                return true;
            }

            _takenBack = Math.Max(0, _takenBack - 1);
        }
    }

    private void Enqueue(in KeyedTimer<TKey, TNamespace> timer)
    {
        _queue.Enqueue(timer, (timer.TimeMs, _order++));
        if (_queue.Count > queuedMax)
        {
            var times = _queue.UnorderedItems.Select(static item => item.Priority.TimeMs).Order().ToList();
            MoveHorizon(times[times.Count / 2]);
        }
    }

    /// <summary>Forgets the queue from a time on; the database has it.</summary>
    private void MoveHorizon(long horizonMs)
    {
        var kept = _queue.UnorderedItems.Where(item => item.Priority.TimeMs < horizonMs).ToList();
        _queue.Clear();
        _queue.EnqueueRange(kept);
        _horizonMs = horizonMs;
        _mayHaveBeyond = true;
        _takenBack = 0;
    }

    /// <summary>Makes sure that the queue is empty only when there is no timer up to a time.</summary>
    private void Refill(long upToMs)
    {
        while (_mayHaveBeyond && _queue.Count == 0 && _horizonMs <= upToMs)
        {
            cache.Flush();
            database.Write(batch);
            var next = NextHorizon();
            for (var group = groups.First; group <= groups.Last; group++)
            {
                Read(group, next);
            }

            _mayHaveBeyond = next != long.MaxValue;
            _horizonMs = next;
        }
    }

    /// <summary>A time such that the queue grows by a few timers of each group at most, unless many are of one time.</summary>
    private long NextHorizon()
    {
        var (earliest, next) = (long.MaxValue, long.MaxValue);
        for (var group = groups.First; group <= groups.Last; group++)
        {
            using var iterator = Open(group, _horizonMs, long.MaxValue);
            for (var read = 0; iterator.IsValid; iterator.Next())
            {
                var timeMs = TimeOf(iterator.Key);
                earliest = Math.Min(earliest, timeMs);
                if (++read > ReadPerGroup)
                {
                    next = Math.Min(next, timeMs);
                    break;
                }
            }

            database.Check(iterator, family);
        }

        return next == long.MaxValue ? next : Math.Max(next, earliest == long.MaxValue ? earliest : earliest + 1);
    }

    private void Read(int group, long belowMs)
    {
        using var iterator = Open(group, _horizonMs, belowMs);
        for (; iterator.IsValid; iterator.Next())
        {
            var (timer, _) = codec.Read(iterator.Key);
            _queue.Enqueue(timer, (timer.TimeMs, _order++));
        }

        database.Check(iterator, family);
    }

    /// <summary>The timers of a group from a time on; below another, or all when that is the end of time.</summary>
    private DatabaseIterator Open(int group, long fromMs, long belowMs)
    {
        _from.Clear();
        _below.Clear();
        OrderedKeys.WriteGroup(_from, group);
        OrderedKeys.WriteInt64(_from, fromMs);
        if (belowMs == long.MaxValue)
        {
            KeyBounds.WriteSuccessor(_below, _from.WrittenSpan[..sizeof(ushort)]);
        }
        else
        {
            OrderedKeys.WriteGroup(_below, group);
            OrderedKeys.WriteInt64(_below, belowMs);
        }

        return database.Iterate(family, _from.WrittenSpan, _below.WrittenSpan);
    }

    private static long TimeOf(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[sizeof(ushort)..]);
        return OrderedKeys.ReadInt64(ref reader);
    }
}
