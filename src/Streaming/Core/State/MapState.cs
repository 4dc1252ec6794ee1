namespace DataPlatform.Streaming.State;

/// <summary>A map with a lifetime for each entry.</summary>
internal sealed class MapState<TKey, TUserKey, TValue>(
    StateMap<TKey, TUserKey, Stamped<TValue>> map, CurrentKey<TKey> current, Expiry expiry)
    : IMapState<TUserKey, TValue>
    where TKey : notnull
    where TUserKey : notnull
{
    public bool TryGet(TUserKey userKey, out TValue value)
    {
        value = default!;
        if (!map.TryGet(current.Key, current.Hash, userKey, out var found))
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
            map.Put(current.Key, current.Hash, userKey, found with { WrittenMs = expiry.NowMs });
        }

        value = found.Value;
        return true;
    }

    public void Put(TUserKey userKey, TValue value)
    {
        if (expiry.Ttl is not null)
        {
            map.Sweep(v => expiry.IsExpired(v));
        }

        map.Put(current.Key, current.Hash, userKey, new Stamped<TValue>(value, expiry.NowMs));
    }

    public bool Remove(TUserKey userKey) => map.Remove(current.Key, current.Hash, userKey);

    public IReadOnlyList<KeyValuePair<TUserKey, TValue>> Entries()
    {
        List<KeyValuePair<TUserKey, TValue>> live = [];
        foreach (var (userKey, stamped) in map.Entries(current.Key, current.Hash))
        {
            if (expiry.IsExpired(stamped))
            {
                Remove(userKey);
            }
            else
            {
                live.Add(KeyValuePair.Create(userKey, stamped.Value));
            }
        }

        return live;
    }

    public void Clear() => map.Clear(current.Key, current.Hash);
}
