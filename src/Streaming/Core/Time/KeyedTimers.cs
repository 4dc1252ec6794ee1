using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Time;

/// <summary>A timer of a key, in a namespace: a window, or nothing.</summary>
internal readonly record struct KeyedTimer<TKey, TNamespace>(long TimeMs, TKey Key, int Hash, TNamespace Namespace);

/// <summary>
/// Timers of one time domain. At most one for each key, namespace and time; due ones fire in the order of time, and of registration among
/// equal times. They are state of their key's group.
/// </summary>
internal sealed class KeyedTimers<TKey, TNamespace>(
    OperatorContext context, string name, IStateSerializer<TKey> keySerializer, IStateSerializer<TNamespace> namespaceSerializer)
    where TKey : notnull
{
    private readonly PriorityQueue<KeyedTimer<TKey, TNamespace>, (long TimeMs, long Order)> _queue = new();

    // The queue may hold timers that have been deleted; only those that are here still fire.
    private readonly HashSet<KeyedTimer<TKey, TNamespace>> _live = [];
    private long _order;

    public int Count => _live.Count;

    /// <summary>The time of the next timer, or null.</summary>
    public long? NextMs => _queue.TryPeek(out var timer, out _) ? timer.TimeMs : null;

    /// <returns>False when there is such a timer already.</returns>
    public bool Register(KeyedTimer<TKey, TNamespace> timer)
    {
        if (!_live.Add(timer))
        {
            return false;
        }

        _queue.Enqueue(timer, (timer.TimeMs, _order++));
        return true;
    }

    public bool Delete(KeyedTimer<TKey, TNamespace> timer) => _live.Remove(timer);

    /// <summary>Takes the next timer at or before a time.</summary>
    public bool TryTakeDue(long nowMs, out KeyedTimer<TKey, TNamespace> timer)
    {
        while (_queue.TryPeek(out timer, out _) && timer.TimeMs <= nowMs)
        {
            _queue.Dequeue();
            if (_live.Remove(timer))
            {
                return true;
            }
        }

        timer = default;
        return false;
    }

    public void Snapshot(SubtaskSnapshot snapshot)
    {
        var byGroup = new StateWriter[context.KeyGroups.Last - context.KeyGroups.First + 1];
        foreach (var timer in _live.OrderBy(static t => t.TimeMs))
        {
            ref var writer = ref byGroup[KeyGroups.GroupOf(timer.Hash, context.Options.MaxParallelism) - context.KeyGroups.First];
            writer ??= new StateWriter();
            writer.WriteInt64(timer.TimeMs);
            keySerializer.Write(writer, timer.Key);
            namespaceSerializer.Write(writer, timer.Namespace);
        }

        snapshot.Add(new GroupedStateSource(context.Uid, name, keySerializer.Schema, $"timers({namespaceSerializer.Schema})", context.KeyGroups, byGroup));
    }

    public void Restore(RestoredOperator restored)
    {
        var hasher = KeyHashers.Create(keySerializer);
        restored.Read(
            name,
            keySerializer.CanRead,
            stored => stored.StartsWith("timers(", StringComparison.Ordinal) && namespaceSerializer.CanRead(stored[7..^1]),
            (ref StateReader reader) =>
            {
                while (reader.Remaining > 0)
                {
                    var timeMs = reader.ReadInt64();
                    var key = keySerializer.Read(ref reader);
                    Register(new KeyedTimer<TKey, TNamespace>(timeMs, key, hasher.Hash(key), namespaceSerializer.Read(ref reader)));
                }
            });
    }
}
