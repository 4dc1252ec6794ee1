using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.State;

/// <summary>When values of a state expire.</summary>
internal sealed class Expiry(StateTtl? ttl, ITimerService timers)
{
    public StateTtl? Ttl => ttl;

    public long NowMs => ttl is null ? 0 : timers.NowMs;

    public bool IsExpired<T>(in Stamped<T> value) => ttl is not null && ttl.IsExpired(value.WrittenMs, timers.NowMs);
}

/// <summary>The value of the key at hand in one table, with its lifetime.</summary>
internal sealed class StateCell<TKey, T>(KeyTable<TKey, Stamped<T>> table, CurrentKey<TKey> current, Expiry expiry)
    where TKey : notnull
{
    // So many other entries are looked at for every write, so that state of keys that never come back goes away.
    private const int SweptPerWrite = 2;
    private int _sweep;

    public bool TryGet(out T value)
    {
        if (!table.TryGet(current.Key, current.Hash, out var found))
        {
            value = default!;
            return false;
        }

        if (expiry.IsExpired(found))
        {
            table.Remove(current.Key, current.Hash);
            value = expiry.Ttl!.ReturnExpired ? found.Value : default!;
            return expiry.Ttl.ReturnExpired;
        }

        if (expiry.Ttl is { RefreshOnRead: true })
        {
            table.GetOrAdd(current.Key, current.Hash, out _).WrittenMs = expiry.NowMs;
        }

        value = found.Value;
        return true;
    }

    /// <summary>The place of the value, to be written.</summary>
    /// <param name="exists">False when there was none, or it has expired; then the place holds the type's default.</param>
    public ref Stamped<T> ForWrite(out bool exists)
    {
        Sweep();
        ref var place = ref table.GetOrAdd(current.Key, current.Hash, out exists);
        if (exists && expiry.IsExpired(place))
        {
            place = default;
            exists = false;
        }

        place.WrittenMs = expiry.NowMs;
        return ref place;
    }

    public void Clear() => table.Remove(current.Key, current.Hash);

    private void Sweep()
    {
        if (expiry.Ttl is null)
        {
            return;
        }

        for (var looked = 0; looked < SweptPerWrite; looked++)
        {
            _sweep = table.Next(_sweep);
            if (_sweep < 0)
            {
                _sweep = 0;
                return;
            }

            ref readonly var entry = ref table.EntryAt(_sweep++);
            if (expiry.IsExpired(entry.Value))
            {
                table.Remove(entry.Key, entry.Hash);
            }
        }
    }
}
