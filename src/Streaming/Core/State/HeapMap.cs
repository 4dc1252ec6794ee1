namespace DataPlatform.Streaming.State;

/// <summary>A dictionary for each key. Empty ones are not kept.</summary>
internal sealed class HeapMap<TKey, TUserKey, TValue>(StateTable<TKey, Dictionary<TUserKey, TValue>> table, IStateSerializer<TValue> values)
    : StateMap<TKey, TUserKey, TValue>
    where TKey : notnull
    where TUserKey : notnull
{
    public override bool TryGet(TKey key, int hash, TUserKey userKey, out TValue value)
    {
        value = default!;

        // A value that may be changed in place must not be shared with a snapshot.
        return (values.IsImmutable ? table.TryPeek(key, hash, out var map) : table.TryGet(key, hash, out map)) && map.TryGetValue(userKey, out value!);
    }

    public override void Put(TKey key, int hash, TUserKey userKey, TValue value)
    {
        ref var map = ref table.GetOrAdd(key, hash, out _);
        map ??= [];
        map[userKey] = value;
    }

    public override bool Remove(TKey key, int hash, TUserKey userKey)
    {
        if (!table.TryPeek(key, hash, out var peeked) || !peeked.ContainsKey(userKey))
        {
            return false;
        }

        table.TryGet(key, hash, out var map);
        map.Remove(userKey);
        if (map.Count == 0)
        {
            table.Remove(key, hash);
        }

        return true;
    }

    public override List<KeyValuePair<TUserKey, TValue>> Entries(TKey key, int hash)
    {
        if (!table.TryPeek(key, hash, out var map))
        {
            return [];
        }

        return values.IsImmutable ? [.. map] : [.. map.Select(e => KeyValuePair.Create(e.Key, values.Copy(e.Value)))];
    }

    public override void Clear(TKey key, int hash) => table.Remove(key, hash);

    public override void Sweep(Func<TValue, bool> isExpired)
    {
        table.Sweep(map =>
        {
            // Only whole maps go away here; entries of live ones go when they are met.
            foreach (var value in map.Values)
            {
                if (!isExpired(value))
                {
                    return false;
                }
            }

            return true;
        });
    }
}
