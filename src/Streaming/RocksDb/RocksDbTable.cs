using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>Where a run of keys lies: the same prefix behind each key group.</summary>
internal sealed class KeyRun(KeyGroupRange groups, byte[] prefix)
{
    private readonly StateWriter _from = new();
    private readonly StateWriter _below = new();

    public KeyGroupRange Groups => groups;

    /// <summary>The bounds of the run in a group; valid until the next call.</summary>
    public void Bounds(int keyGroup, out ReadOnlySpan<byte> from, out ReadOnlySpan<byte> below)
    {
        _from.Clear();
        _below.Clear();
        OrderedKeys.WriteGroup(_from, keyGroup);
        _from.WriteRaw(prefix);
        KeyBounds.WriteSuccessor(_below, _from.WrittenSpan);
        from = _from.WrittenSpan;
        below = _below.WrittenSpan;
    }
}

/// <summary>Bounds of keys that begin alike.</summary>
internal static class KeyBounds
{
    /// <summary>Writes the least key above all that begin with a prefix; nothing when there is none.</summary>
    public static void WriteSuccessor(StateWriter writer, ReadOnlySpan<byte> prefix)
    {
        var end = prefix.Length;
        while (end > 0 && prefix[end - 1] == byte.MaxValue)
        {
            end--;
        }

        if (end > 0)
        {
            writer.WriteRaw(prefix[..end]);
            writer.Overwrite(end - 1, 1)[0]++;
        }
    }
}

/// <summary>One value a key in a database, behind a cache.</summary>
internal sealed class RocksDbTable<TKey, TValue>(
    Database database, ColumnFamilyHandle family, EntryCache<TKey, TValue> cache, EntryCodec<TKey> codec, IStateSerializer<TValue> values, KeyRun run, BatchHandle batch)
    : StateTable<TKey, TValue>
    where TKey : notnull
{
    private readonly ExpirySweep<TKey, TValue> _sweep = new(database, family, codec, values, run);

    public override ref TValue GetOrAdd(TKey key, int hash, out bool exists) => ref cache.GetOrAdd(key, hash, out exists);

    public override bool TryGet(TKey key, int hash, out TValue value) => cache.TryGet(key, hash, out value, mayChange: true);

    public override bool TryPeek(TKey key, int hash, out TValue value) => cache.TryGet(key, hash, out value, mayChange: false);

    public override bool Remove(TKey key, int hash) => cache.Remove(key, hash);

    public override StateCursor<TKey, TValue> Scan()
    {
        if (cache.IsComplete)
        {
            return new CacheCursor(cache.Generations);
        }

        cache.Flush();
        database.Write(batch);
        return new DatabaseCursor(database, family, codec, values, run);
    }

    public override void Sweep(Func<TValue, bool> isExpired)
    {
        if (_sweep.IsDue())
        {
            _sweep.Run(isExpired, cache);
        }
    }

    private sealed class CacheCursor(IEnumerable<KeyTable<TKey, CachedEntry<TValue>>> generations) : StateCursor<TKey, TValue>
    {
        private readonly IEnumerator<KeyTable<TKey, CachedEntry<TValue>>> _generations = generations.GetEnumerator();
        private KeyTable<TKey, CachedEntry<TValue>>? _table;
        private int _at;

        public override TKey Key => _table!.EntryAt(_at).Key;

        public override int Hash => _table!.EntryAt(_at).Hash;

        public override ref readonly TValue Value => ref _table!.EntryAt(_at).Value.Value;

        public override bool MoveNext()
        {
            while (true)
            {
                _at = _table?.Next(_at + 1) ?? -1;
                if (_at >= 0)
                {
                    if (_table!.EntryAt(_at).Value.IsPresent)
                    {
                        return true;
                    }
                }
                else if (_generations.MoveNext())
                {
                    _table = _generations.Current;
                }
                else
                {
                    return false;
                }
            }
        }

        public override void Dispose()
        {
            _generations.Dispose();
            base.Dispose();
        }
    }

    private sealed class DatabaseCursor(
        Database database, ColumnFamilyHandle family, EntryCodec<TKey> codec, IStateSerializer<TValue> values, KeyRun run)
        : StateCursor<TKey, TValue>
    {
        private DatabaseIterator? _iterator;
        private int _group = run.Groups.First;
        private TKey _key = default!;
        private TValue _value = default!;
        private int _hash;

        public override TKey Key => _key;

        public override int Hash => _hash;

        public override ref readonly TValue Value => ref _value;

        public override bool MoveNext()
        {
            if (_iterator is not null)
            {
                _iterator.Next();
            }

            while (_iterator is null || !_iterator.IsValid)
            {
                Close();
                if (_group > run.Groups.Last)
                {
                    return false;
                }

                run.Bounds(_group++, out var from, out var below);
                _iterator = database.Iterate(family, from, below);
            }

            (_key, _hash) = codec.Read(_iterator.Key);
            var reader = new StateReader(_iterator.Value);
            _value = values.Read(ref reader);
            return true;
        }

        public override void Dispose()
        {
            _iterator?.Dispose();
            base.Dispose();
        }

        private void Close()
        {
            if (_iterator is not null)
            {
                database.Check(_iterator, family);
                _iterator.Dispose();
                _iterator = null;
            }
        }
    }
}

/// <summary>Walks through a state, a piece at a time, and removes what has expired. What the cache knows better is left to it.</summary>
internal sealed class ExpirySweep<TEntry, TValue>(
    Database database, ColumnFamilyHandle family, EntryCodec<TEntry> codec, IStateSerializer<TValue> values, KeyRun run)
    where TEntry : notnull
{
    // A piece is read once in so many writes and has twice as many entries, so that the walk outruns what is added.
    private const int WritesBetween = 256;
    private const int EntriesAtOnce = 512;
    private byte[]? _at;
    private int _writes;

    public bool IsDue()
    {
        _writes = (_writes + 1) % WritesBetween;
        return _writes == 0;
    }

    public void Run(Func<TValue, bool> isExpired, EntryCache<TEntry, TValue> cache)
    {
        List<(TEntry, int)> expired = [];
        using (var iterator = OpenAt())
        {
            for (var looked = 0; looked < EntriesAtOnce && iterator.IsValid; looked++, iterator.Next())
            {
                var (entry, hash) = codec.Read(iterator.Key);
                var reader = new StateReader(iterator.Value);
                if (isExpired(values.Read(ref reader)) && (!cache.TryGet(entry, hash, out var newer, mayChange: false) || isExpired(newer)))
                {
                    expired.Add((entry, hash));
                }
            }

            database.Check(iterator, family);
            _at = iterator.IsValid ? iterator.Key.ToArray() : null;
        }

        foreach (var (entry, hash) in expired)
        {
            cache.Remove(entry, hash);
        }
    }

    private DatabaseIterator OpenAt()
    {
        if (_at is not null)
        {
            return database.Iterate(family, _at, default, fillsCache: false);
        }

        run.Bounds(run.Groups.First, out var from, out _);
        return database.Iterate(family, from, default, fillsCache: false);
    }
}
