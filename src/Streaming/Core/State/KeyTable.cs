using System.Numerics;

namespace DataPlatform.Streaming.State;

/// <summary>
/// A hash table from keys to values in place, with the hash computed by the caller. Entries live in pages; a snapshot shares the pages and
/// each is copied when it is first changed afterwards, so taking a snapshot costs a pointer per page, not a copy per entry.
/// </summary>
/// <remarks>
/// One writer. Snapshots may be read on other threads. Values that may change in place are copied too, each when it is first touched after
/// a
/// snapshot, by their serialiser.
/// </remarks>
/// <param name="mutable">Copies values that may change in place; null when they never do.</param>
internal sealed class KeyTable<TKey, TValue>(IStateSerializer<TValue>? mutable = null) : StateTable<TKey, TValue>
    where TKey : notnull
{
    // So many entries are looked at in a sweep.
    private const int SweptAtOnce = 2;

    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;
    private const int FirstPageMin = 8;
    private const int End = -1;

    private int[] _buckets = new int[FirstPageMin];
    private Entry[][] _pages = [new Entry[FirstPageMin]];
    private int[] _pageEpochs = [0];
    private int _epoch;
    private int _used;
    private int _free = End;
    private int _openSnapshots;
    private int _sweep;

    // For values that may change in place: the epoch in which each became this table's own.
    private int[]?[] _valueEpochs = [mutable is null ? null : new int[FirstPageMin]];

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The value of a key, made from the type's default when the key is new. Valid until the next call of a changing method.
    /// </summary>
    public override ref TValue GetOrAdd(TKey key, int hash, out bool exists)
    {
        var index = Find(key, hash);
        exists = index >= 0;
        if (!exists)
        {
            return ref Writable(Add(key, hash)).Value;
        }

        return ref mutable is null ? ref Writable(index).Value : ref OwnValue(index);
    }

    public override bool TryGet(TKey key, int hash, out TValue value)
    {
        var index = Find(key, hash);
        value = index < 0 ? default! : mutable is null ? At(index).Value : OwnValue(index);
        return index >= 0;
    }

    public override bool TryPeek(TKey key, int hash, out TValue value)
    {
        var index = Find(key, hash);
        value = index >= 0 ? At(index).Value : default!;
        return index >= 0;
    }

    public override StateCursor<TKey, TValue> Scan() => new Cursor(this);

    public override void Sweep(Func<TValue, bool> isExpired)
    {
        for (var looked = 0; looked < SweptAtOnce; looked++)
        {
            _sweep = Next(_sweep);
            if (_sweep < 0)
            {
                _sweep = 0;
                return;
            }

            ref readonly var entry = ref EntryAt(_sweep++);
            if (isExpired(entry.Value))
            {
                Remove(entry.Key, entry.Hash);
            }
        }
    }

    public override bool Remove(TKey key, int hash)
    {
        var before = End;
        for (var index = _buckets[hash & (_buckets.Length - 1)] - 1; index != End; before = index, index = At(index).Next)
        {
            ref var entry = ref At(index);
            if (entry.Hash != hash || !EqualityComparer<TKey>.Default.Equals(entry.Key, key))
            {
                continue;
            }

            if (before == End)
            {
                _buckets[hash & (_buckets.Length - 1)] = entry.Next + 1;
            }
            else
            {
                At(before).Next = entry.Next;
            }

            Writable(index) = new Entry { Next = Freed(_free) };
            _free = index;
            Count--;
            return true;
        }

        return false;
    }

    /// <summary>Removes everything and keeps the room.</summary>
    public void Clear()
    {
        Array.Clear(_buckets);
        for (var page = 0; page < _pages.Length && _pages[page] is not null; page++)
        {
            if (Volatile.Read(ref _openSnapshots) > 0)
            {
                _pages[page] = new Entry[_pages[page].Length];
            }
            else
            {
                Array.Clear(_pages[page]);
            }

            _pageEpochs[page] = _epoch;
        }

        (_used, _free, _sweep, Count) = (0, End, 0, 0);
    }

    /// <summary>The place of the next entry at or after a place, or -1.</summary>
    public int Next(int index)
    {
        while (index < _used && At(index).Next < End)
        {
            index++;
        }

        return index < _used ? index : End;
    }

    /// <summary>The entry at a place that <see cref="Next"/> gave; only for reading.</summary>
    public ref readonly Entry EntryAt(int index) => ref At(index);

    /// <summary>Freezes what is in the table now. Dispose the snapshot when it has been written.</summary>
    public KeyTableSnapshot<TKey, TValue> TakeSnapshot()
    {
        _epoch++;
        Interlocked.Increment(ref _openSnapshots);
        return new KeyTableSnapshot<TKey, TValue>([.. _pages], _used, () => Interlocked.Decrement(ref _openSnapshots));
    }

    private static int Freed(int next) => -3 - next;

    private int Find(TKey key, int hash)
    {
        var index = _buckets[hash & (_buckets.Length - 1)] - 1;
        while (index != End)
        {
            ref var entry = ref At(index);
            if (entry.Hash == hash && EqualityComparer<TKey>.Default.Equals(entry.Key, key))
            {
                return index;
            }

            index = entry.Next;
        }

        return End;
    }

    private int Add(TKey key, int hash)
    {
        if (Count >= _buckets.Length)
        {
            Rehash();
        }

        int index;
        if (_free != End)
        {
            index = _free;
            _free = Freed(At(index).Next);
        }
        else
        {
            index = _used;
            MakeRoom(index);
            _used++;
        }

        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        Writable(index) = new Entry { Hash = hash, Next = bucket - 1, Key = key };
        bucket = index + 1;
        Count++;
        if (mutable is not null)
        {
            _valueEpochs[index >> PageBits]![index & (PageSize - 1)] = _epoch;
        }

        return index;
    }

    private void MakeRoom(int index)
    {
        var page = index >> PageBits;
        if (page == _pages.Length)
        {
            var length = Math.Max(2, _pages.Length * 2);
            Array.Resize(ref _pages, length);
            Array.Resize(ref _pageEpochs, length);
            Array.Resize(ref _valueEpochs, length);
        }

        if (_pages[page] is null)
        {
            _pages[page] = new Entry[PageSize];
            _pageEpochs[page] = _epoch;
            _valueEpochs[page] = mutable is null ? null : new int[PageSize];
        }
        else if ((index & (PageSize - 1)) == _pages[page].Length)
        {
            // Only the first page starts small.
            Array.Resize(ref _pages[page], Math.Min(PageSize, _pages[page].Length * 2));
            _pageEpochs[page] = _epoch;
            if (_valueEpochs[page] is { } epochs)
            {
                Array.Resize(ref epochs, _pages[page].Length);
                _valueEpochs[page] = epochs;
            }
        }
    }

    private void Rehash()
    {
        _buckets = new int[(int)BitOperations.RoundUpToPowerOf2((uint)_buckets.Length + 1)];
        for (var index = 0; index < _used; index++)
        {
            // Links may change in pages that a snapshot shares: it reads only whether an entry is taken, which a link keeps.
            ref var entry = ref At(index);
            if (entry.Next >= End)
            {
                ref var bucket = ref _buckets[entry.Hash & (_buckets.Length - 1)];
                entry.Next = bucket - 1;
                bucket = index + 1;
            }
        }
    }

    private ref Entry At(int index) => ref _pages[index >> PageBits][index & (PageSize - 1)];

    private ref Entry Writable(int index)
    {
        var page = index >> PageBits;
        if (_pageEpochs[page] != _epoch)
        {
            if (Volatile.Read(ref _openSnapshots) > 0)
            {
                _pages[page] = (Entry[])_pages[page].Clone();
            }

            _pageEpochs[page] = _epoch;
        }

        return ref _pages[page][index & (PageSize - 1)];
    }

    /// <summary>A value that no snapshot shares.</summary>
    private ref TValue OwnValue(int index)
    {
        ref var entry = ref Writable(index);
        ref var epoch = ref _valueEpochs[index >> PageBits]![index & (PageSize - 1)];
        if (epoch != _epoch)
        {
            if (Volatile.Read(ref _openSnapshots) > 0)
            {
                entry.Value = mutable!.Copy(entry.Value);
            }

            epoch = _epoch;
        }

        return ref entry.Value;
    }

    private sealed class Cursor(KeyTable<TKey, TValue> table) : StateCursor<TKey, TValue>
    {
        private int _at = -1;

        public override TKey Key => table.At(_at).Key;

        public override int Hash => table.At(_at).Hash;

        public override ref readonly TValue Value => ref table.At(_at).Value;

        public override bool MoveNext()
        {
            _at = table.Next(_at + 1);
            return _at >= 0;
        }
    }

    /// <summary>A key and its value. <c>Next</c> links entries of a bucket and is below -1 for a free place.</summary>
    internal struct Entry
    {
        public int Hash;
        public int Next;
        public TKey Key;
        public TValue Value;
    }
}

/// <summary>The entries of a table at one moment.</summary>
internal sealed class KeyTableSnapshot<TKey, TValue>(KeyTable<TKey, TValue>.Entry[][] pages, int used, Action release) : IDisposable
    where TKey : notnull
{
    private bool _released;

    /// <summary>The places of the entries, ordered by key group.</summary>
    /// <param name="range">The groups there are.</param>
    /// <param name="maxParallelism">The number of groups of the job.</param>
    /// <param name="places">The places.</param>
    /// <param name="keyHash">What decides about the group when it is not the hash of the entry.</param>
    /// <returns>For each group of the range, where its entries begin in <paramref name="places"/>; one more at the end.</returns>
    public int[] SortByGroup(KeyGroupRange range, int maxParallelism, out int[] places, Func<TKey, int>? keyHash = null)
    {
        var starts = new int[range.Last - range.First + 2];
        var total = 0;
        for (var index = 0; index < used; index++)
        {
            if (IsTaken(index))
            {
                starts[Group(index) - range.First + 1]++;
                total++;
            }
        }

        for (var group = 1; group < starts.Length; group++)
        {
            starts[group] += starts[group - 1];
        }

        places = new int[total];
        var next = (int[])starts.Clone();
        for (var index = 0; index < used; index++)
        {
            if (IsTaken(index))
            {
                places[next[Group(index) - range.First]++] = index;
            }
        }

        return starts;

        int Group(int index)
        {
            ref readonly var entry = ref EntryAt(index);
            return KeyGroups.GroupOf(keyHash is null ? entry.Hash : keyHash(entry.Key), maxParallelism);
        }
    }

    public ref readonly KeyTable<TKey, TValue>.Entry EntryAt(int index) => ref pages[index >> 8][index & 255];

    public void Dispose()
    {
        if (!_released)
        {
            _released = true;
            release();
        }
    }

    private bool IsTaken(int index) => pages[index >> 8][index & 255].Next >= -1;
}
