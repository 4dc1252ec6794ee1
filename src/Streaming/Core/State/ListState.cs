namespace DataPlatform.Streaming.State;

/// <summary>A list with a lifetime for each item. Empty lists are not kept.</summary>
internal sealed class ListState<TKey, T>(
    StateTable<TKey, List<Stamped<T>>> table, IStateSerializer<T> itemSerializer, CurrentKey<TKey> current, Expiry expiry) : IListState<T>
    where TKey : notnull
{
    public IReadOnlyList<T> Items()
    {
        if (!table.TryPeek(current.Key, current.Hash, out var stored))
        {
            return [];
        }

        var hide = expiry.Ttl is { ReturnExpired: false };
        List<T> live = new(stored.Count);
        foreach (var item in stored)
        {
            if (!hide || !expiry.IsExpired(item))
            {
                live.Add(itemSerializer.Copy(item.Value));
            }
        }

        if (expiry.Ttl is { } ttl)
        {
            Tidy(ttl.RefreshOnRead);
        }

        return live;
    }

    public void Add(T item)
    {
        if (expiry.Ttl is not null)
        {
            table.Sweep(list => list.TrueForAll(i => expiry.IsExpired(i)));
        }

        ref var place = ref table.GetOrAdd(current.Key, current.Hash, out _);
        place ??= [];
        place.Add(new Stamped<T>(item, expiry.NowMs));
    }

    public void Update(IEnumerable<T> items)
    {
        List<Stamped<T>> fresh = [.. items.Select(i => new Stamped<T>(i, expiry.NowMs))];
        if (fresh.Count == 0)
        {
            Clear();
        }
        else
        {
            table.GetOrAdd(current.Key, current.Hash, out _) = fresh;
        }
    }

    public void Clear() => table.Remove(current.Key, current.Hash);

    private void Tidy(bool refresh)
    {
        table.TryGet(current.Key, current.Hash, out var stored);
        stored.RemoveAll(i => expiry.IsExpired(i));
        if (stored.Count == 0)
        {
            Clear();
        }
        else if (refresh)
        {
            for (var i = 0; i < stored.Count; i++)
            {
                stored[i] = stored[i] with { WrittenMs = expiry.NowMs };
            }
        }
    }
}
