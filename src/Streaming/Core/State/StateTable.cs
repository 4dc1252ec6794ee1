namespace DataPlatform.Streaming.State;

/// <summary>
/// One value a key, whatever back end keeps it. The hash is computed once, by whoever routed the record. Values that are not immutable may
/// be changed in place after any call but <see cref="TryPeek"/>, until the next call.
/// </summary>
/// <remarks>One writer.</remarks>
internal abstract class StateTable<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The place of a key's value, made from the type's default when the key is new. Valid until the next call.</summary>
    public abstract ref TValue GetOrAdd(TKey key, int hash, out bool exists);

    /// <summary>Reads a value that may be changed in place afterwards.</summary>
    public abstract bool TryGet(TKey key, int hash, out TValue value);

    /// <summary>Reads a value that is not changed.</summary>
    public abstract bool TryPeek(TKey key, int hash, out TValue value);

    public abstract bool Remove(TKey key, int hash);

    /// <summary>Reads all entries, in no particular order. The table must not change until the cursor has been disposed.</summary>
    public abstract StateCursor<TKey, TValue> Scan();

    /// <summary>
    /// Looks at a few more entries and removes those that have expired, so that state of keys that never come back goes away.
    /// </summary>
    public abstract void Sweep(Func<TValue, bool> isExpired);
}

/// <summary>Reads the entries of a table one after the other.</summary>
internal abstract class StateCursor<TKey, TValue> : IDisposable
{
    public abstract TKey Key { get; }

    public abstract int Hash { get; }

    /// <summary>The value; only for reading.</summary>
    public abstract ref readonly TValue Value { get; }

    public abstract bool MoveNext();

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A map a key: what <see cref="StateTable{TKey,TValue}"/> is for values.</summary>
internal abstract class StateMap<TKey, TUserKey, TValue>
    where TKey : notnull
    where TUserKey : notnull
{
    public abstract bool TryGet(TKey key, int hash, TUserKey userKey, out TValue value);

    public abstract void Put(TKey key, int hash, TUserKey userKey, TValue value);

    public abstract bool Remove(TKey key, int hash, TUserKey userKey);

    /// <summary>The entries of a key, in no particular order; a copy.</summary>
    public abstract List<KeyValuePair<TUserKey, TValue>> Entries(TKey key, int hash);

    public abstract void Clear(TKey key, int hash);

    /// <summary>As for tables.</summary>
    public abstract void Sweep(Func<TValue, bool> isExpired);
}

/// <summary>Tables by key, one for each part of a time slice.</summary>
internal abstract class SliceTables<TKey, TAccumulator>
    where TKey : notnull
{
    /// <summary>The parts that a restore brought back.</summary>
    public abstract IReadOnlyList<SliceId> Restored { get; }

    /// <summary>The table of a part, new when there is none.</summary>
    public abstract StateTable<TKey, TAccumulator> Open(SliceId slice);

    /// <summary>Gives a part up with all that is in it.</summary>
    public abstract void Drop(SliceId slice);
}

/// <summary>A part of a slice: those of its records that count for windows from one on.</summary>
internal readonly record struct SliceId(long StartMs, long FirstWindowMs) : IComparable<SliceId>
{
    public int CompareTo(SliceId other) => (StartMs, FirstWindowMs).CompareTo((other.StartMs, other.FirstWindowMs));
}

/// <summary>Takes what has expired out of a value that is about to be written into a savepoint.</summary>
/// <returns>False when nothing is left.</returns>
internal delegate bool StatePrune<T>(ref T value, long nowMs);
