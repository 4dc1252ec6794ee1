namespace DataPlatform.Streaming.State;

/// <summary>A list: its length, then the items.</summary>
internal sealed class ListSerializer<T>(IStateSerializer<T> item) : IStateSerializer<List<T>>
{
    public string Schema => $"list({item.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema) => SchemaText.TryOpen(schema, "list", out var parts) && parts.Count == 1 && item.CanRead(parts[0]);

    public IStateSerializer<List<T>>? FindReader(string schema, out string reason)
    {
        reason = $"it is no list but '{schema}'";
        return SchemaText.TryOpen(schema, "list", out var parts) && item.FindReader(parts[0], out reason) is { } found
            ? ReferenceEquals(found, item) ? this : new ListSerializer<T>(found)
            : null;
    }

    public List<T> Copy(List<T> value) => item.IsImmutable ? [.. value] : value.ConvertAll(item.Copy);

    public void Write(StateWriter writer, List<T> value)
    {
        writer.WriteVarUInt64((ulong)value.Count);
        foreach (var next in value)
        {
            item.Write(writer, next);
        }
    }

    public List<T> Read(ref StateReader reader)
    {
        // The count is not trusted for the capacity: a damaged one must not allocate the memory it claims.
        var list = new List<T>();
        for (var count = reader.ReadVarUInt64(); count > 0; count--)
        {
            list.Add(item.Read(ref reader));
        }

        return list;
    }
}

/// <summary>A map: its size, then keys and values.</summary>
internal sealed class MapSerializer<TKey, TValue>(
    IStateSerializer<TKey> key,
    IStateSerializer<TValue> value) : IStateSerializer<Dictionary<TKey, TValue>>, ICanonicalSerializer<Dictionary<TKey, TValue>>
    where TKey : notnull
{
    public string Schema => $"map({key.Schema};{value.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema)
        => SchemaText.TryOpen(schema, "map", out var parts) && parts.Count == 2 && key.CanRead(parts[0]) && value.CanRead(parts[1]);

    public IStateSerializer<Dictionary<TKey, TValue>>? FindReader(string schema, out string reason)
    {
        reason = $"it is no map but '{schema}'";
        return SchemaText.TryOpen(schema, "map", out var parts) && parts.Count == 2
            && key.FindReader(parts[0], out reason) is { } foundKey && value.FindReader(parts[1], out reason) is { } foundValue
            ? ReferenceEquals(foundKey, key)
                && ReferenceEquals(foundValue, value) ? this : new MapSerializer<TKey, TValue>(foundKey, foundValue)
            : null;
    }

    public Dictionary<TKey, TValue> Copy(Dictionary<TKey, TValue> map)
        => value.IsImmutable ? new Dictionary<TKey, TValue>(map) : map.ToDictionary(static e => e.Key, e => value.Copy(e.Value));

    public void Write(StateWriter writer, Dictionary<TKey, TValue> map)
    {
        writer.WriteVarUInt64((ulong)map.Count);
        foreach (var (entryKey, entryValue) in map)
        {
            key.Write(writer, entryKey);
            value.Write(writer, entryValue);
        }
    }

    /// <summary>As <see cref="Write"/>, in the order of the keys' bytes.</summary>
    public void WriteCanonical(StateWriter writer, Dictionary<TKey, TValue> map)
    {
        var order = new CanonicalOrder();
        KeyValuePair<TKey, TValue>[] entries = [.. map];
        for (var i = 0; i < entries.Length; i++)
        {
            key.Write(order.Keys, entries[i].Key);
            order.Add(i);
        }

        writer.WriteVarUInt64((ulong)entries.Length);
        foreach (var place in order.Sorted())
        {
            key.Write(writer, entries[place].Key);
            value.Write(writer, entries[place].Value);
        }
    }

    public Dictionary<TKey, TValue> Read(ref StateReader reader)
    {
        var map = new Dictionary<TKey, TValue>();
        for (var count = reader.ReadVarUInt64(); count > 0; count--)
        {
            var entryKey = key.Read(ref reader);
            map.Add(entryKey, value.Read(ref reader));
        }

        return map;
    }
}

/// <summary>A serialiser of values without an order of their own, which a savepoint must write in one.</summary>
internal interface ICanonicalSerializer<in T>
{
    void WriteCanonical(StateWriter writer, T value);
}
