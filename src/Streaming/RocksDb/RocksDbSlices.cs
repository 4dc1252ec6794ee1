using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// Slices in a database. Each has a cache of its own, so that one which is fired and dropped before it has to be written never reaches the
/// database. Together they hold a limited number of entries in memory.
/// </summary>
internal sealed class RocksDbSlices<TKey, TAccumulator>(
    StateFamily<TKey> family, IStateSerializer<TAccumulator> values, int capacity) : SliceTables<TKey, TAccumulator>, IFlushed
    where TKey : notnull
{
    private readonly SortedDictionary<SliceId, Part> _parts = [];
    private IReadOnlyList<SliceId> _restored = [];

    public override IReadOnlyList<SliceId> Restored => _restored;

    public override StateTable<TKey, TAccumulator> Open(SliceId slice)
    {
        if (!_parts.TryGetValue(slice, out var part))
        {
            MakeRoom();
            _parts.Add(slice, part = new Part(family, values, slice, capacity));
        }

        return part.Table;
    }

    public override void Drop(SliceId slice)
    {
        if (_parts.Remove(slice, out var part))
        {
            part.Drop();
        }
    }

    public void Flush()
    {
        foreach (var part in _parts.Values)
        {
            part.Cache.Flush();
        }
    }

    /// <summary>Finds the slices that the database holds.</summary>
    public void FindRestored()
    {
        var found = new SortedSet<SliceId>();
        var from = new StateWriter();
        for (var group = family.Context.KeyGroups.First; group <= family.Context.KeyGroups.Last; group++)
        {
            from.Clear();
            OrderedKeys.WriteGroup(from, group);
            var below = new StateWriter();
            KeyBounds.WriteSuccessor(below, from.WrittenSpan);
            using var iterator = family.Database.Iterate(family.Handle, from.WrittenSpan, below.WrittenSpan);
            while (iterator.IsValid)
            {
                var slice = SliceKeyCodec<TKey>.ReadSlice(iterator.Key);
                found.Add(slice);

                // On to the next slice, not to the next key.
                from.Clear();
                SliceKeyCodec<TKey>.WritePrefix(from, group, slice);
                below.Clear();
                KeyBounds.WriteSuccessor(below, from.WrittenSpan);
                iterator.Seek(below.WrittenSpan);
            }

            family.Database.Check(iterator, family.Handle);
        }

        _restored = [.. found];
        foreach (var slice in found)
        {
            var part = new Part(family, values, slice, capacity);
            part.SetRestored();
            _parts.Add(slice, part);
        }
    }

    /// <summary>Lets the oldest slices go to the database when there is too much in memory: records come for the newest.</summary>
    private void MakeRoom()
    {
        var held = _parts.Values.Sum(static p => (long)p.Cache.Count);
        foreach (var part in _parts.Values)
        {
            if (held < capacity)
            {
                return;
            }

            held -= part.Cache.Count;
            part.Cache.Evict();
        }
    }

    private sealed class Part
    {
        private readonly StateFamily<TKey> _family;
        private readonly KeyRun _run;
        private readonly bool[] _stored;

        public Part(StateFamily<TKey> family, IStateSerializer<TAccumulator> values, SliceId slice, int capacity)
        {
            _family = family;
            var groups = family.Context.KeyGroups;
            _stored = new bool[groups.Last - groups.First + 1];
            var prefix = new StateWriter();
            OrderedKeys.WriteInt64(prefix, slice.StartMs);
            OrderedKeys.WriteInt64(prefix, slice.FirstWindowMs);
            _run = new KeyRun(groups, prefix.WrittenSpan.ToArray());
            var codec = new SliceKeyCodec<TKey>(family.Keys, family.Context.Options.MaxParallelism, slice);
            Cache = new EntryCache<TKey, TAccumulator>(family.Database, family.Batch, family.Handle, codec, values, capacity)
            {
                OnStored = group => _stored[group - groups.First] = true,
            };
            Table = new RocksDbTable<TKey, TAccumulator>(family.Database, family.Handle, Cache, codec, values, _run, family.Batch);
        }

        public EntryCache<TKey, TAccumulator> Cache { get; }

        public RocksDbTable<TKey, TAccumulator> Table { get; }

        public void SetRestored()
        {
            Cache.SetIncomplete();
            Array.Fill(_stored, true);
        }

        public void Drop()
        {
            for (var i = 0; i < _stored.Length; i++)
            {
                if (_stored[i])
                {
                    _run.Bounds(_run.Groups.First + i, out var from, out var below);
                    _family.Batch.DeleteRange(_family.Handle, from, below);
                }
            }

            _family.Database.Write(_family.Batch);
        }
    }
}
