using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>Maps in a database: an entry of its own for each user key, so that a large map costs what is touched of it.</summary>
internal sealed class RocksDbMap<TKey, TUserKey, TValue>(
    Database database,
    ColumnFamilyHandle family,
    EntryCache<MapEntry<TKey, TUserKey>, TValue> cache,
    MapCodec<TKey, TUserKey> codec,
    IStateSerializer<TValue> values,
    KeyRun run,
    BatchHandle batch)
    : StateMap<TKey, TUserKey, TValue>
    where TKey : notnull
    where TUserKey : notnull
{
    private readonly ExpirySweep<MapEntry<TKey, TUserKey>, TValue> _sweep = new(database, family, codec, values, run);
    private readonly StateWriter _from = new();
    private readonly StateWriter _below = new();

    public override bool TryGet(TKey key, int hash, TUserKey userKey, out TValue value)
    {
        var entry = new MapEntry<TKey, TUserKey>(key, hash, userKey);
        return cache.TryGet(entry, entry.CacheHash, out value, mayChange: true);
    }

    public override void Put(TKey key, int hash, TUserKey userKey, TValue value)
    {
        var entry = new MapEntry<TKey, TUserKey>(key, hash, userKey);
        cache.GetOrAdd(entry, entry.CacheHash, out _) = value;
    }

    public override bool Remove(TKey key, int hash, TUserKey userKey)
    {
        var entry = new MapEntry<TKey, TUserKey>(key, hash, userKey);
        return cache.Remove(entry, entry.CacheHash);
    }

    public override List<KeyValuePair<TUserKey, TValue>> Entries(TKey key, int hash)
    {
        cache.Flush();
        database.Write(batch);
        _from.Clear();
        _below.Clear();
        codec.WritePrefix(_from, key, hash);
        KeyBounds.WriteSuccessor(_below, _from.WrittenSpan);
        List<KeyValuePair<TUserKey, TValue>> entries = [];
        using var iterator = database.Iterate(family, _from.WrittenSpan, _below.WrittenSpan);
        for (; iterator.IsValid; iterator.Next())
        {
            var (entry, _) = codec.Read(iterator.Key);
            var reader = new StateReader(iterator.Value);
            entries.Add(KeyValuePair.Create(entry.UserKey, values.Read(ref reader)));
        }

        database.Check(iterator, family);
        return entries;
    }

    public override void Clear(TKey key, int hash)
    {
        foreach (var (userKey, _) in Entries(key, hash))
        {
            Remove(key, hash, userKey);
        }
    }

    public override void Sweep(Func<TValue, bool> isExpired)
    {
        if (_sweep.IsDue())
        {
            _sweep.Run(isExpired, cache);
        }
    }
}
