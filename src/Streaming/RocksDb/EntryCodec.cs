using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>How entries of one state lie in the database. Each key begins with the key group, two bytes, high one first.</summary>
internal abstract class EntryCodec<TEntry>
{
    public abstract int GroupOf(in TEntry entry, int hash);

    /// <summary>Writes the whole key.</summary>
    public abstract void Write(StateWriter writer, in TEntry entry, int hash);

    /// <summary>Reads a whole key.</summary>
    /// <returns>The entry, and the hash by which the cache finds it.</returns>
    public abstract (TEntry Entry, int Hash) Read(ReadOnlySpan<byte> key);
}

/// <summary>{ group, key }.</summary>
internal sealed class KeyCodec<TKey>(IStateSerializer<TKey> keys, int maxParallelism) : EntryCodec<TKey>
    where TKey : notnull
{
    private readonly KeyHasher<TKey> _hasher = KeyHashers.Create(keys);

    public int Hash(TKey key) => _hasher.Hash(key);

    public override int GroupOf(in TKey entry, int hash) => KeyGroups.GroupOf(hash, maxParallelism);

    public override void Write(StateWriter writer, in TKey entry, int hash)
    {
        OrderedKeys.WriteGroup(writer, KeyGroups.GroupOf(hash, maxParallelism));
        keys.Write(writer, entry);
    }

    public override (TKey Entry, int Hash) Read(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[sizeof(ushort)..]);
        var entry = keys.Read(ref reader);
        return (entry, _hasher.Hash(entry));
    }
}

/// <summary>
/// { group, slice start, first window, key }: before the key, so that a slice is a run in each group and goes away at once.
/// </summary>
internal sealed class SliceKeyCodec<TKey>(IStateSerializer<TKey> keys, int maxParallelism, SliceId slice) : EntryCodec<TKey>
    where TKey : notnull
{
    public const int PrefixBytes = sizeof(ushort) + (2 * sizeof(long));
    private readonly KeyHasher<TKey> _hasher = KeyHashers.Create(keys);

    public static void WritePrefix(StateWriter writer, int keyGroup, SliceId slice)
    {
        OrderedKeys.WriteGroup(writer, keyGroup);
        OrderedKeys.WriteInt64(writer, slice.StartMs);
        OrderedKeys.WriteInt64(writer, slice.FirstWindowMs);
    }

    public static SliceId ReadSlice(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[sizeof(ushort)..]);
        return new SliceId(OrderedKeys.ReadInt64(ref reader), OrderedKeys.ReadInt64(ref reader));
    }

    public override int GroupOf(in TKey entry, int hash) => KeyGroups.GroupOf(hash, maxParallelism);

    public override void Write(StateWriter writer, in TKey entry, int hash)
    {
        WritePrefix(writer, KeyGroups.GroupOf(hash, maxParallelism), slice);
        keys.Write(writer, entry);
    }

    public override (TKey Entry, int Hash) Read(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[PrefixBytes..]);
        var entry = keys.Read(ref reader);
        return (entry, _hasher.Hash(entry));
    }
}

/// <summary>An entry of a map.</summary>
internal readonly record struct MapEntry<TKey, TUserKey>(TKey Key, int KeyHash, TUserKey UserKey)
{
    public int CacheHash => HashCode.Combine(KeyHash, UserKey);
}

/// <summary>{ group, length of key, key, user key }.</summary>
internal sealed class MapCodec<TKey, TUserKey>(
    IStateSerializer<TKey> keys, IStateSerializer<TUserKey> userKeys, int maxParallelism) : EntryCodec<MapEntry<TKey, TUserKey>>
    where TKey : notnull
    where TUserKey : notnull
{
    private readonly KeyHasher<TKey> _hasher = KeyHashers.Create(keys);

    public override int GroupOf(in MapEntry<TKey, TUserKey> entry, int hash) => KeyGroups.GroupOf(entry.KeyHash, maxParallelism);

    public void WritePrefix(StateWriter writer, TKey key, int keyHash)
    {
        OrderedKeys.WriteGroup(writer, KeyGroups.GroupOf(keyHash, maxParallelism));
        OrderedKeys.WritePrefix(writer, keys, key);
    }

    public override void Write(StateWriter writer, in MapEntry<TKey, TUserKey> entry, int hash)
    {
        WritePrefix(writer, entry.Key, entry.KeyHash);
        userKeys.Write(writer, entry.UserKey);
    }

    public override (MapEntry<TKey, TUserKey> Entry, int Hash) Read(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[sizeof(ushort)..]);
        var part = new StateReader(OrderedKeys.ReadPrefix(ref reader));
        var mapKey = keys.Read(ref part);
        var entry = new MapEntry<TKey, TUserKey>(mapKey, _hasher.Hash(mapKey), userKeys.Read(ref reader));
        return (entry, entry.CacheHash);
    }
}

/// <summary>{ group, time, length of key, key, namespace }.</summary>
internal sealed class TimerCodec<TKey, TNamespace>(IStateSerializer<TKey> keys, IStateSerializer<TNamespace> namespaces, int maxParallelism)
    : EntryCodec<Time.KeyedTimer<TKey, TNamespace>>
    where TKey : notnull
{
    private readonly KeyHasher<TKey> _hasher = KeyHashers.Create(keys);

    public static int CacheHash(in Time.KeyedTimer<TKey, TNamespace> timer) => HashCode.Combine(timer.TimeMs, timer.Hash, timer.Namespace);

    public override int GroupOf(in Time.KeyedTimer<TKey, TNamespace> entry, int hash) => KeyGroups.GroupOf(entry.Hash, maxParallelism);

    public override void Write(StateWriter writer, in Time.KeyedTimer<TKey, TNamespace> entry, int hash)
    {
        OrderedKeys.WriteGroup(writer, KeyGroups.GroupOf(entry.Hash, maxParallelism));
        OrderedKeys.WriteInt64(writer, entry.TimeMs);
        OrderedKeys.WritePrefix(writer, keys, entry.Key);
        namespaces.Write(writer, entry.Namespace);
    }

    public override (Time.KeyedTimer<TKey, TNamespace> Entry, int Hash) Read(ReadOnlySpan<byte> key)
    {
        var reader = new StateReader(key[sizeof(ushort)..]);
        var timeMs = OrderedKeys.ReadInt64(ref reader);
        var part = new StateReader(OrderedKeys.ReadPrefix(ref reader));
        var timerKey = keys.Read(ref part);
        var timer = new Time.KeyedTimer<TKey, TNamespace>(timeMs, timerKey, _hasher.Hash(timerKey), namespaces.Read(ref reader));
        return (timer, CacheHash(timer));
    }
}
