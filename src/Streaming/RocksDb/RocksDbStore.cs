using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>The keyed state of one operator in one subtask: a database with a column family for each state.</summary>
internal sealed class RocksDbStore<TKey> : StateStore<TKey>
    where TKey : notnull
{
    private readonly RocksDbStateBackend _backend;
    private readonly OperatorContext _context;
    private readonly IStateSerializer<TKey> _keys;
    private readonly RestoredOperator? _restored;
    private readonly Database _database;
    private readonly BatchHandle _batch;
    private readonly List<IFlushed> _flushed = [];
    private readonly List<DeclaredState> _states = [];
    private readonly RestoredLayouts _layouts;
    private readonly UploadedFiles _uploaded;
    private bool _droppedRest;

    public RocksDbStore(RocksDbStateBackend backend, OperatorContext context, IStateSerializer<TKey> keys, RestoredOperator? restored)
    {
        _backend = backend;
        _context = context;
        _keys = keys;
        _restored = restored;
        (_database, _uploaded) = DatabaseRestore.Open(backend, context, restored?.Databases ?? []);
        _batch = new BatchHandle();
        _layouts = new RestoredLayouts(restored);
    }

    public override StateTable<TKey, TValue> Table<TValue>(
        string name, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null)
    {
        var family = Declare(name, serializer.Schema);
        var codec = new KeyCodec<TKey>(_keys, _context.Options.MaxParallelism);
        var isEmpty = Restore(
            family, codec, serializer, (ref StateReader reader, IStateSerializer<TValue> values, EntryWriter<TKey, TValue> write) =>
        {
            var key = _keys.Read(ref reader);
            write(key, codec.Hash(key), values.Read(ref reader));
        });
        var cache = Cache(family, codec, serializer, isEmpty);
        Add(family, serializer.Schema, new EntryWriterOf<TValue>(serializer, prune).Write);
        return new RocksDbTable<TKey, TValue>(_database, family.Handle, cache, codec, serializer, family.Run, _batch);
    }

    public override StateMap<TKey, TUserKey, TValue> Map<TUserKey, TValue>(
        string name, IStateSerializer<TUserKey> userKeySerializer, IStateSerializer<TValue> serializer, StatePrune<TValue>? prune = null)
    {
        var maps = new MapSerializer<TUserKey, TValue>(userKeySerializer, serializer);
        var family = Declare(name, maps.Schema);
        var codec = new MapCodec<TKey, TUserKey>(_keys, userKeySerializer, _context.Options.MaxParallelism);
        var hasher = KeyHashers.Create(_keys);
        var isEmpty = Restore(
            family,
            codec,
            serializer,
            maps,
            (ref StateReader reader, IStateSerializer<Dictionary<TUserKey, TValue>> values, EntryWriter<MapEntry<TKey, TUserKey>, TValue> write) =>
        {
            var key = _keys.Read(ref reader);
            var hash = hasher.Hash(key);
            foreach (var (userKey, value) in values.Read(ref reader))
            {
                var entry = new MapEntry<TKey, TUserKey>(key, hash, userKey);
                write(entry, entry.CacheHash, value);
            }
        });
        var cache = Cache(family, codec, serializer, isEmpty);
        Add(family, maps.Schema, new MapWriterOf<TValue>(serializer, prune).Write);
        return new RocksDbMap<TKey, TUserKey, TValue>(_database, family.Handle, cache, codec, serializer, family.Run, _batch);
    }

    public override SliceTables<TKey, TAccumulator> Slices<TAccumulator>(string name, IStateSerializer<TAccumulator> serializer)
    {
        var family = Declare(name, serializer.Schema);
        var slices = new RocksDbSlices<TKey, TAccumulator>(family, serializer, _backend.Options.CachedEntries);
        var hasher = KeyHashers.Create(_keys);
        var keys = new StateWriter();
        var bytes = new StateWriter();
        _restored?.Read(name, _keys, serializer, (ref StateReader reader, IStateSerializer<TAccumulator> values) =>
        {
            while (reader.Remaining > 0)
            {
                var codec = new SliceKeyCodec<TKey>(
                    _keys, _context.Options.MaxParallelism, new SliceId(reader.ReadVarInt64(), reader.ReadVarInt64()));
                for (var count = reader.ReadVarUInt64(); count > 0; count--)
                {
                    var key = _keys.Read(ref reader);
                    Put(family, codec, key, hasher.Hash(key), serializer, values.Read(ref reader), keys, bytes);
                }
            }
        });
        _database.Write(_batch);
        _layouts.Migrate(family, _batch, serializer);
        slices.FindRestored();
        _flushed.Add(slices);
        Add(family, serializer.Schema, new SliceWriter<TAccumulator>(serializer).Write);
        return slices;
    }

    public override KeyedTimers<TKey, TNamespace> Timers<TNamespace>(string name, IStateSerializer<TNamespace> namespaceSerializer)
    {
        var schema = TimerStateSource<TKey, TNamespace>.SchemaOf(namespaceSerializer);
        var family = Declare(name, schema);
        var codec = new TimerCodec<TKey, TNamespace>(_keys, namespaceSerializer, _context.Options.MaxParallelism);
        var hasher = KeyHashers.Create(_keys);
        var present = new PresenceSerializer(schema, stored => TimerStateSource<TKey, TNamespace>.CanRead(stored, namespaceSerializer));
        var isEmpty = Restore(
            family,
            codec,
            present,
            (ref StateReader reader, IStateSerializer<byte> _, EntryWriter<KeyedTimer<TKey, TNamespace>, byte> write) =>
        {
            var timeMs = reader.ReadInt64();
            var key = _keys.Read(ref reader);
            var timer = new KeyedTimer<TKey, TNamespace>(timeMs, key, hasher.Hash(key), namespaceSerializer.Read(ref reader));
            write(timer, TimerCodec<TKey, TNamespace>.CacheHash(timer), 0);
        });
        var cache = Cache(family, codec, present, isEmpty);
        var timers = new RocksDbTimers<TKey, TNamespace>(
            _database, family.Handle, cache, codec, _context.KeyGroups, _batch, _backend.Options.CachedEntries);
        if (!isEmpty)
        {
            timers.SetRestored();
        }

        Add(family, schema, TimerWriter.Write);
        return timers;
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        DropUndeclared();
        foreach (var flushed in _flushed)
        {
            flushed.Flush();
        }

        _database.Write(_batch);
        if (snapshot.IsSavepoint)
        {
            SavepointSource.AddAll(snapshot, _context, _keys.Schema, _database, _states);
            return;
        }

        var folder = _backend.Folder.Next("checkpoint");
        _database.SaveTo(folder);
        snapshot.Add(new DatabaseUpload(
            _context, folder, _uploaded, [.. _states.Select(s => new DatabaseState(s.Name, _keys.Schema, s.Schema))]));
    }

    public override void Dispose()
    {
        _batch.Dispose();
        _database.Dispose();
        RocksDbStateBackend.Remove(_database.Folder);
        base.Dispose();
    }

    private StateFamily<TKey> Declare(string name, string schema)
    {
        _restored?.MarkRead(name);
        _layouts.CheckKeys(name, _keys, _context, schema);
        return new StateFamily<TKey>(_database, _database.Family(name), _batch, _context, _keys);
    }

    private void Add(StateFamily<TKey> family, string schema, WriteGroup write)
        => _states.Add(new DeclaredState(family.Handle, schema, write));

    private EntryCache<TEntry, TValue> Cache<TEntry, TValue>(
        StateFamily<TKey> family, EntryCodec<TEntry> codec, IStateSerializer<TValue> serializer, bool isEmpty)
        where TEntry : notnull
    {
        var cache = new EntryCache<TEntry, TValue>(_database, _batch, family.Handle, codec, serializer, _backend.Options.CachedEntries);
        if (!isEmpty)
        {
            cache.SetIncomplete();
        }

        _flushed.Add(cache);
        return cache;
    }

    private bool Restore<TEntry, TValue>(
        StateFamily<TKey> family, EntryCodec<TEntry> codec, IStateSerializer<TValue> serializer, ReadEntry<TEntry, TValue, TValue> read)
        where TEntry : notnull
        => Restore(family, codec, serializer, serializer, read);

    /// <summary>Brings back what a savepoint or a checkpoint of the heap holds, and what a database holds in an older layout.</summary>
    /// <returns>True when the state is empty.</returns>
    private bool Restore<TEntry, TValue, TStored>(
        StateFamily<TKey> family, EntryCodec<TEntry> codec, IStateSerializer<TValue> serializer, IStateSerializer<TStored> stored, ReadEntry<TEntry, TValue, TStored> read)
        where TEntry : notnull
    {
        var keys = new StateWriter();
        var bytes = new StateWriter();
        _restored?.Read(family.Handle.Name, _keys, stored, (ref StateReader reader, IStateSerializer<TStored> values) =>
        {
            while (reader.Remaining > 0)
            {
                read(ref reader, values, (entry, hash, value) => Put(family, codec, entry, hash, serializer, value, keys, bytes));
            }
        });
        _database.Write(_batch);
        _layouts.Migrate(family, _batch, stored, serializer);
        using var iterator = _database.Iterate(family.Handle, [], default);
        _database.Check(iterator, family.Handle);
        return !iterator.IsValid;
    }

    private void Put<TEntry, TValue>(
        StateFamily<TKey> family, EntryCodec<TEntry> codec, TEntry entry, int hash, IStateSerializer<TValue> serializer, TValue value, StateWriter keys, StateWriter bytes)
    {
        keys.Clear();
        bytes.Clear();
        codec.Write(keys, entry, hash);
        serializer.Write(bytes, value);
        _batch.Put(family.Handle, keys.WrittenSpan, bytes.WrittenSpan);
        if (_batch.Bytes >= RestoreBatchBytes)
        {
            _database.Write(_batch);
        }
    }

    /// <summary>States that nobody declared were given up by choice when the job began.</summary>
    private void DropUndeclared()
    {
        if (!_droppedRest)
        {
            _droppedRest = true;
            foreach (var rest in _database.Families.Except(_states.Select(static s => s.Name), StringComparer.Ordinal).ToList())
            {
                _database.Drop(rest);
            }
        }
    }

    private const int RestoreBatchBytes = 4 << 20;

    private delegate void EntryWriter<TEntry, TValue>(TEntry entry, int hash, TValue value);

    private delegate void ReadEntry<TEntry, TValue, TStored>(
        ref StateReader reader, IStateSerializer<TStored> values, EntryWriter<TEntry, TValue> write);
}

/// <summary>The value of entries that have none.</summary>
internal sealed class PresenceSerializer(string schema, Func<string, bool> canRead) : IStateSerializer<byte>
{
    public string Schema => schema;

    public bool CanRead(string schema) => canRead(schema);

    public void Write(StateWriter writer, byte value)
    {
    }

    public byte Read(ref StateReader reader) => 0;
}
