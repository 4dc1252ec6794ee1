namespace DataPlatform.Streaming.State;

/// <summary>A map with a lifetime for each entry. Empty maps are not kept.</summary>
internal sealed class MapState<TKey, TUserKey, TValue>(StateCell<TKey, Dictionary<TUserKey, Stamped<TValue>>> cell, Expiry expiry)
    : IMapState<TUserKey, TValue>
    where TKey : notnull
    where TUserKey : notnull
{
    public bool TryGet(TUserKey userKey, out TValue value)
    {
        value = default!;
        if (!cell.TryGet(out var map) || !map.TryGetValue(userKey, out var found))
        {
            return false;
        }

        if (expiry.IsExpired(found))
        {
            Remove(userKey);
            value = expiry.Ttl!.ReturnExpired ? found.Value : default!;
            return expiry.Ttl.ReturnExpired;
        }

        if (expiry.Ttl is { RefreshOnRead: true })
        {
            map[userKey] = found with { WrittenMs = expiry.NowMs };
        }

        value = found.Value;
        return true;
    }

    public void Put(TUserKey userKey, TValue value)
    {
        ref var place = ref cell.ForWrite(out var exists);
        place.Value = exists ? place.Value : [];
        place.Value[userKey] = new Stamped<TValue>(value, expiry.NowMs);
    }

    public bool Remove(TUserKey userKey)
    {
        if (!cell.TryGet(out var map) || !map.Remove(userKey))
        {
            return false;
        }

        if (map.Count == 0)
        {
            cell.Clear();
        }

        return true;
    }

    public IReadOnlyList<KeyValuePair<TUserKey, TValue>> Entries()
    {
        if (!cell.TryGet(out var map))
        {
            return [];
        }

        foreach (var expired in map.Where(e => expiry.IsExpired(e.Value)).Select(static e => e.Key).ToList())
        {
            Remove(expired);
        }

        return [.. map.Select(static e => KeyValuePair.Create(e.Key, e.Value.Value))];
    }

    public void Clear() => cell.Clear();
}
