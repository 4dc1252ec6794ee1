using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Time;

/// <summary>
/// Timers on the heap: a table of those that live, which snapshots share, and a queue in the order of time, which may hold some that have
/// been
/// taken back. Equal times fire in the order of registration.
/// </summary>
internal sealed class HeapTimers<TKey, TNamespace>(
    OperatorContext context, string name, IStateSerializer<TKey> keySerializer, IStateSerializer<TNamespace> namespaceSerializer)
    : KeyedTimers<TKey, TNamespace>, IHeapState
    where TKey : notnull
{
    private const int TakenBackMin = 1024;

    private readonly PriorityQueue<KeyedTimer<TKey, TNamespace>, (long TimeMs, long Order)> _queue = new();
    private readonly KeyTable<KeyedTimer<TKey, TNamespace>, byte> _live = new();
    private long _order;

    public override long? NextMs => _queue.TryPeek(out var timer, out _) ? timer.TimeMs : null;

    /// <summary>How many the queue holds, those taken back among them.</summary>
    public int Queued => _queue.Count;

    public override bool Register(KeyedTimer<TKey, TNamespace> timer)
    {
        _live.GetOrAdd(timer, HashOf(timer), out var exists);
        if (exists)
        {
            return false;
        }

        _queue.Enqueue(timer, (timer.TimeMs, _order++));
        return true;
    }

    public override bool Delete(KeyedTimer<TKey, TNamespace> timer)
    {
        var removed = _live.Remove(timer, HashOf(timer));
        if (_queue.Count > TakenBackMin + (2 * _live.Count))
        {
            Rebuild();
        }

        return removed;
    }

    public override bool TryTakeDue(long nowMs, out KeyedTimer<TKey, TNamespace> timer)
    {
        while (_queue.TryPeek(out timer, out _) && timer.TimeMs <= nowMs)
        {
            _queue.Dequeue();
            if (_live.Remove(timer, HashOf(timer)))
            {
                return true;
            }
        }

        timer = default;
        return false;
    }

    public void Snapshot(SubtaskSnapshot snapshot)
        => snapshot.Add(new TimerStateSource<TKey, TNamespace>(context, name, keySerializer, namespaceSerializer, _live.TakeSnapshot()));

    public void Restore(RestoredOperator restored)
    {
        var hasher = KeyHashers.Create(keySerializer);
        restored.Read(
            name,
            keySerializer.CanRead,
            stored => TimerStateSource<TKey,
            TNamespace>.CanRead(stored, namespaceSerializer), (ref StateReader reader) =>
        {
            while (reader.Remaining > 0)
            {
                var timeMs = reader.ReadInt64();
                var key = keySerializer.Read(ref reader);
                Register(new KeyedTimer<TKey, TNamespace>(timeMs, key, hasher.Hash(key), namespaceSerializer.Read(ref reader)));
            }
        });
    }

    /// <summary>The place of a timer in the table; the hash of its key alone would put all timers of a key into one chain.</summary>
    private static int HashOf(in KeyedTimer<TKey, TNamespace> timer) => HashCode.Combine(timer.TimeMs, timer.Hash, timer.Namespace);

    private void Rebuild()
    {
        List<(KeyedTimer<TKey, TNamespace>, (long, long))> kept = new(_live.Count);
        HashSet<KeyedTimer<TKey, TNamespace>> seen = new(_live.Count);
        foreach (var (timer, priority) in _queue.UnorderedItems)
        {
            if (_live.TryPeek(timer, HashOf(timer), out _) && seen.Add(timer))
            {
                kept.Add((timer, priority));
            }
        }

        _queue.Clear();
        _queue.EnqueueRange(kept);
    }
}

/// <summary>
/// Frozen timers. A key group's bytes: { time i64, key, namespace }, in the order of time, then of the key's and the namespace's bytes.
/// </summary>
internal sealed class TimerStateSource<TKey, TNamespace>(
    OperatorContext context,
    string name,
    IStateSerializer<TKey> keySerializer,
    IStateSerializer<TNamespace> namespaceSerializer,
    KeyTableSnapshot<KeyedTimer<TKey, TNamespace>, byte> live)
    : StateSource(context.Uid, name, StateKind.Keyed, keySerializer.Schema, SchemaOf(namespaceSerializer))
    where TKey : notnull
{
    private readonly CanonicalOrder _order = new();
    private int[]? _starts;
    private int[] _places = [];

    public override KeyGroupRange Groups => context.KeyGroups;

    public static string SchemaOf(IStateSerializer<TNamespace> namespaceSerializer) => $"timers({namespaceSerializer.Schema})";

    public static bool CanRead(string stored, IStateSerializer<TNamespace> namespaceSerializer)
        => SchemaText.TryOpen(stored, "timers", out var parts) && parts.Count == 1 && namespaceSerializer.CanRead(parts[0]);

    public override void Write(int keyGroup, StateWriter writer)
    {
        _starts ??= live.SortByGroup(Groups, context.Options.MaxParallelism, out _places, static timer => timer.Hash);
        _order.Clear();
        for (var i = _starts[keyGroup - Groups.First]; i < _starts[keyGroup - Groups.First + 1]; i++)
        {
            ref readonly var timer = ref live.EntryAt(_places[i]).Key;
            OrderedKeys.WriteInt64(_order.Keys, timer.TimeMs);
            OrderedKeys.WritePrefix(_order.Keys, keySerializer, timer.Key);
            namespaceSerializer.Write(_order.Keys, timer.Namespace);
            _order.Add(_places[i]);
        }

        foreach (var place in _order.Sorted())
        {
            ref readonly var timer = ref live.EntryAt(place).Key;
            writer.WriteInt64(timer.TimeMs);
            keySerializer.Write(writer, timer.Key);
            namespaceSerializer.Write(writer, timer.Namespace);
        }
    }

    public override void Dispose()
    {
        live.Dispose();
        base.Dispose();
    }
}
