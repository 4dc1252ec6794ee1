using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>A value in front of the database.</summary>
internal struct CachedEntry<TValue>
{
    public TValue Value;

    /// <summary>Whether there is a value.</summary>
    public bool IsPresent;

    /// <summary>Whether the database does not know yet.</summary>
    public bool IsDirty;

    /// <summary>Whether the database has something for the key, and so must be told when it goes away.</summary>
    public bool IsStored;
}

/// <summary>
/// A write-back cache over a run of a column family: entries live as objects and are written when they are pushed out or at a barrier. Two
/// generations make it keep what is used: a full young one becomes the old one, whose entries move back when they are asked for, and are
/// written and forgotten otherwise. As long as nothing was pushed out the cache holds all there is, and no read goes to the database.
/// </summary>
internal sealed class EntryCache<TEntry, TValue>(
    Database database, BatchHandle batch, ColumnFamilyHandle family, EntryCodec<TEntry> codec, IStateSerializer<TValue> values, int capacity)
    : IFlushed
    where TEntry : notnull
{
    private const long BatchBytesMax = 1 << 20;
    private const int DirtyPerEntryMax = 4;
    private readonly StateWriter _key = new();
    private readonly StateWriter _value = new();
    private readonly List<(TEntry Entry, int Hash)> _dirty = [];
    private KeyTable<TEntry, CachedEntry<TValue>> _young = new();
    private KeyTable<TEntry, CachedEntry<TValue>> _old = new();

    /// <summary>Whether the database holds nothing that the cache does not.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>How many entries are in memory.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>Told of each group into which something is written.</summary>
    public Action<int>? OnStored { get; init; }

    private bool ValuesChange { get; } = !values.IsImmutable;

    /// <summary>There is something in the database that was not written through this cache.</summary>
    public void SetIncomplete() => IsComplete = false;

    public ref TValue GetOrAdd(scoped in TEntry entry, int hash, out bool exists)
    {
        ref var cached = ref Find(entry, hash);
        exists = cached.IsPresent;
        MarkDirty(ref cached, entry, hash);
        cached.IsPresent = true;
        return ref cached.Value;
    }

    public bool TryGet(in TEntry entry, int hash, out TValue value, bool mayChange)
    {
        if (IsComplete && !IsCached(entry, hash))
        {
            value = default!;
            return false;
        }

        ref var cached = ref Find(entry, hash);
        if (cached.IsPresent && mayChange && ValuesChange)
        {
            MarkDirty(ref cached, entry, hash);
        }

        value = cached.Value;
        return cached.IsPresent;
    }

    public bool Remove(in TEntry entry, int hash)
    {
        ref var cached = ref Find(entry, hash);
        var existed = cached.IsPresent;
        if (!cached.IsStored)
        {
            _young.Remove(entry, hash);
            return existed;
        }

        MarkDirty(ref cached, entry, hash);
        cached.IsPresent = false;
        cached.Value = default!;
        return existed;
    }

    /// <summary>Whether the cache knows about an entry.</summary>
    public bool IsCached(in TEntry entry, int hash) => _young.TryPeek(entry, hash, out _) || _old.TryPeek(entry, hash, out _);

    /// <summary>Puts all changes into the batch; the caller writes it.</summary>
    public void Flush()
    {
        foreach (var (entry, hash) in _dirty)
        {
            Flush(_young, entry, hash);
            Flush(_old, entry, hash);
        }

        _dirty.Clear();
    }

    /// <summary>Writes all changes and forgets what was in memory.</summary>
    public void Evict()
    {
        Flush();
        database.Write(batch);
        IsComplete &= Count == 0;
        _young.Clear();
        _old.Clear();
    }

    /// <summary>What is present in memory, generation by generation; all there is when the cache is complete.</summary>
    public IEnumerable<KeyTable<TEntry, CachedEntry<TValue>>> Generations => [_young, _old];

    private void MarkDirty(ref CachedEntry<TValue> cached, scoped in TEntry entry, int hash)
    {
        if (!cached.IsDirty)
        {
            cached.IsDirty = true;
            _dirty.Add((entry, hash));
        }
    }

    /// <summary>The place of an entry in the young generation, with what is known of it.</summary>
    private ref CachedEntry<TValue> Find(scoped in TEntry entry, int hash)
    {
        if (_dirty.Count >= capacity * DirtyPerEntryMax)
        {
            // Entries that come and go leave their traces here.
            Flush();
            database.Write(batch);
        }

        if (_young.Count >= capacity / 2 && !_young.TryPeek(entry, hash, out _))
        {
            Rotate();
        }

        ref var cached = ref _young.GetOrAdd(entry, hash, out var exists);
        if (exists)
        {
            return ref cached;
        }

        if (_old.Count > 0 && _old.TryPeek(entry, hash, out var old))
        {
            cached = old;
            _old.Remove(entry, hash);
        }
        else if (!IsComplete)
        {
            Load(entry, hash, ref cached);
        }

        return ref cached;
    }

    private void Load(scoped in TEntry entry, int hash, ref CachedEntry<TValue> cached)
    {
        _key.Clear();
        codec.Write(_key, entry, hash);
        if (database.TryGet(family, _key.WrittenSpan, out var bytes))
        {
            var reader = new StateReader(bytes);
            cached.Value = values.Read(ref reader);
            cached.IsPresent = true;
            cached.IsStored = true;
        }
    }

    private void Rotate()
    {
        if (_old.Count > 0)
        {
            // The young ones are written too: then the list of changes is empty, and it costs little more than the old ones alone.
            Flush();
            database.Write(batch);
            IsComplete = false;
            _old.Clear();
        }

        (_young, _old) = (_old, _young);
    }

    private void Flush(KeyTable<TEntry, CachedEntry<TValue>> generation, in TEntry entry, int hash)
    {
        if (!generation.TryPeek(entry, hash, out var peeked) || !peeked.IsDirty)
        {
            return;
        }

        _key.Clear();
        codec.Write(_key, entry, hash);
        if (peeked.IsPresent)
        {
            _value.Clear();
            values.Write(_value, peeked.Value);
            batch.Put(family, _key.WrittenSpan, _value.WrittenSpan);
            ref var cached = ref generation.GetOrAdd(entry, hash, out _);
            cached.IsDirty = false;
            cached.IsStored = true;
            OnStored?.Invoke(codec.GroupOf(entry, hash));
        }
        else
        {
            batch.Delete(family, _key.WrittenSpan);
            generation.Remove(entry, hash);
        }

        if (batch.Bytes >= BatchBytesMax)
        {
            database.Write(batch);
        }
    }
}
