namespace DataPlatform.Streaming.State;

/// <summary>A list with a lifetime for each item. Empty lists are not kept.</summary>
internal sealed class ListState<TKey, T>(StateCell<TKey, List<Stamped<T>>> cell, Expiry expiry) : IListState<T>
    where TKey : notnull
{
    public IReadOnlyList<T> Items()
    {
        if (!cell.TryGet(out var items))
        {
            return [];
        }

        var hide = expiry.Ttl is { ReturnExpired: false };
        List<T> live = [.. items.Where(i => !hide || !expiry.IsExpired(i)).Select(static i => i.Value)];
        if (expiry.Ttl is { } ttl)
        {
            Tidy(items, ttl.RefreshOnRead);
        }

        return live;
    }

    public void Add(T item)
    {
        ref var place = ref cell.ForWrite(out var exists);
        place.Value = exists ? place.Value : [];
        place.Value.Add(new Stamped<T>(item, expiry.NowMs));
    }

    public void Update(IEnumerable<T> items)
    {
        List<Stamped<T>> fresh = [.. items.Select(i => new Stamped<T>(i, expiry.NowMs))];
        if (fresh.Count == 0)
        {
            cell.Clear();
        }
        else
        {
            cell.ForWrite(out _).Value = fresh;
        }
    }

    public void Clear() => cell.Clear();

    private void Tidy(List<Stamped<T>> items, bool refresh)
    {
        items.RemoveAll(i => expiry.IsExpired(i));
        if (items.Count == 0)
        {
            cell.Clear();
        }
        else if (refresh)
        {
            for (var i = 0; i < items.Count; i++)
            {
                items[i] = items[i] with { WrittenMs = expiry.NowMs };
            }
        }
    }
}
