namespace DataPlatform.Streaming.State;

/// <summary>A list: its length, then the items.</summary>
internal sealed class ListSerializer<T>(IStateSerializer<T> item) : IStateSerializer<List<T>>
{
    public string Schema => $"list({item.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema) => schema.StartsWith("list(", StringComparison.Ordinal) && schema.EndsWith(')') && item.CanRead(schema[5..^1]);

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
internal sealed class MapSerializer<TKey, TValue>(IStateSerializer<TKey> key, IStateSerializer<TValue> value) : IStateSerializer<Dictionary<TKey, TValue>>
    where TKey : notnull
{
    public string Schema => $"map({key.Schema};{value.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema)
    {
        var separator = $"map({key.Schema};";
        return schema.StartsWith(separator, StringComparison.Ordinal) && schema.EndsWith(')') && value.CanRead(schema[separator.Length..^1]);
    }

    public void Write(StateWriter writer, Dictionary<TKey, TValue> map)
    {
        writer.WriteVarUInt64((ulong)map.Count);
        foreach (var (entryKey, entryValue) in map)
        {
            key.Write(writer, entryKey);
            value.Write(writer, entryValue);
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
