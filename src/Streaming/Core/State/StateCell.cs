using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.State;

/// <summary>When values of a state expire.</summary>
internal sealed class Expiry(StateTtl? ttl, ITimerService timers)
{
    public StateTtl? Ttl => ttl;

    public long NowMs => ttl is null ? 0 : timers.NowMs;

    public bool IsExpired<T>(in Stamped<T> value) => ttl is not null && ttl.IsExpired(value.WrittenMs, timers.NowMs);

    /// <summary>Leaves expired values out of savepoints; null where nothing expires.</summary>
    public StatePrune<Stamped<T>>? Prune<T>()
    {
        if (ttl is null)
        {
            return null;
        }

        return (ref Stamped<T> value, long nowMs) => !ttl.IsExpired(value.WrittenMs, nowMs);
    }

    /// <summary>The same for the items of a list.</summary>
    public StatePrune<List<Stamped<T>>>? PruneItems<T>()
    {
        if (ttl is null)
        {
            return null;
        }

        return (ref List<Stamped<T>> items, long nowMs) =>
        {
            items = items.FindAll(item => !ttl.IsExpired(item.WrittenMs, nowMs));
            return items.Count > 0;
        };
    }
}

/// <summary>The value of the key at hand in one table, with its lifetime.</summary>
internal sealed class StateCell<TKey, T>(StateTable<TKey, Stamped<T>> table, CurrentKey<TKey> current, Expiry expiry)
    where TKey : notnull
{
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
        if (expiry.Ttl is not null)
        {
            table.Sweep(value => expiry.IsExpired(value));
        }

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
}
