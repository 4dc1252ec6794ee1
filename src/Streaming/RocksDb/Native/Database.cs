using DataPlatform.Kernel;
using DataPlatform.Streaming.Operators;
using RocksDbSharp;
using Api = RocksDbSharp.Native;

namespace DataPlatform.Streaming.RocksDb.Native;

/// <summary>
/// One database and its column families, one for each state. Whatever fails says which operator, subtask, state and folder it concerns. One
/// writer; iterators over a snapshot may run on other threads.
/// </summary>
internal sealed unsafe class Database : IDisposable
{
    private const string DefaultFamily = "default";
    private readonly OperatorContext _context;
    private readonly DatabaseHandle _handle;
    private readonly OptionsHandle _options;
    private readonly WriteOptionsHandle _writes = new();
    private readonly ReadOptionsHandle _reads = new();
    private readonly Dictionary<string, ColumnFamilyHandle> _families = new(StringComparer.Ordinal);
    private byte[] _buffer = new byte[4096];

    private Database(OperatorContext context, string folder, OptionsHandle options, IntPtr native)
    {
        _context = context;
        Folder = folder;
        _options = options;
        _handle = new DatabaseHandle(native);
    }

    public string Folder { get; }

    public IEnumerable<string> Families => _families.Keys.Where(static n => n != DefaultFamily);

    /// <summary>Opens the database of a folder, or makes one.</summary>
    /// <param name="context">Whose it is.</param>
    /// <param name="folder">Where it is.</param>
    /// <param name="families">The states that it has.</param>
    /// <param name="settings">Settings of the back end.</param>
    /// <param name="memory">Where blocks and changes go.</param>
    public static Database Open(
        OperatorContext context, string folder, IEnumerable<string> families, RocksDbStateOptions settings, RocksDbMemory memory)
    {
        string[] names = [DefaultFamily, .. families];
        var options = CreateOptions(settings, memory);
        try
        {
            var handles = new IntPtr[names.Length];
            var native = Api.Instance.rocksdb_open_column_families(
                options.Pointer, folder, names.Length, names, [.. names.Select(_ => options.Pointer)], handles);
            var database = new Database(context, folder, options, native);
            for (var i = 0; i < names.Length; i++)
            {
                database._families.Add(names[i], new ColumnFamilyHandle(database._handle, handles[i], names[i]));
            }

            return database;
        }
        catch (RocksDbException e)
        {
            options.Dispose();
            throw Failure(context, folder, "*", "be opened", e);
        }
    }

    public ColumnFamilyHandle Family(string state)
    {
        if (!_families.TryGetValue(state, out var family))
        {
            try
            {
                family = new ColumnFamilyHandle(
                    _handle, Api.Instance.rocksdb_create_column_family(_handle.Pointer, _options.Pointer, state), state);
            }
            catch (RocksDbException e)
            {
                throw Failure(_context, Folder, state, "be created", e);
            }

            _families.Add(state, family);
        }

        return family;
    }

    /// <summary>Gives a state up with all that is in it.</summary>
    public void Drop(string state)
    {
        if (_families.Remove(state, out var family))
        {
            using (family)
            {
                Guard(family, "be dropped", () => Api.Instance.rocksdb_drop_column_family(_handle.Pointer, family.Pointer));
            }
        }
    }

    /// <summary>Reads a value into a buffer of the database, valid until the next call.</summary>
    public bool TryGet(ColumnFamilyHandle family, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        try
        {
            var fits = Read(family, key, out var length, out var found);
            if (found && !fits)
            {
                _buffer = new byte[Math.Max(length, _buffer.Length * 2)];
                Read(family, key, out length, out found);
            }

            value = found ? _buffer.AsSpan(0, length) : default;
            return found;
        }
        catch (RocksDbException e)
        {
            throw Failure(_context, Folder, family.Name, "be read", e);
        }
    }

    public void Write(BatchHandle batch)
    {
        try
        {
            Api.Instance.rocksdb_write(_handle.Pointer, _writes.Pointer, batch.Pointer);
            batch.Clear();
        }
        catch (RocksDbException e)
        {
            throw Failure(_context, Folder, "*", "be written", e);
        }
    }

    public SnapshotHandle TakeSnapshot() => new(_handle);

    public DatabaseIterator Iterate(
        ColumnFamilyHandle family,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> below,
        SnapshotHandle? snapshot = null,
        bool fillsCache = true)
        => DatabaseIterator.Open(_handle, family, from, below, snapshot, fillsCache);

    /// <summary>Says so when an iterator ended because reading failed.</summary>
    public void Check(DatabaseIterator iterator, ColumnFamilyHandle family)
    {
        try
        {
            iterator.ThrowIfFailed();
        }
        catch (RocksDbException e)
        {
            throw Failure(_context, Folder, family.Name, "be read", e);
        }
    }

    /// <summary>Flushes, and links the files of this moment into a folder, which must not exist yet.</summary>
    public void SaveTo(string folder)
    {
        try
        {
            var checkpoint = Api.Instance.rocksdb_checkpoint_object_create(_handle.Pointer);
            try
            {
                Api.Instance.rocksdb_checkpoint_create(checkpoint, folder, 0);
            }
            finally
            {
                Api.Instance.rocksdb_checkpoint_object_destroy(checkpoint);
            }
        }
        catch (RocksDbException e)
        {
            throw Failure(_context, folder, "*", "be frozen", e);
        }
    }

    public void Dispose()
    {
        foreach (var family in _families.Values)
        {
            family.Dispose();
        }

        _reads.Dispose();
        _writes.Dispose();
        _handle.Dispose();
        _options.Dispose();
    }

    private static StreamJobException Failure(OperatorContext context, string folder, string state, string what, RocksDbException cause)
    {
        var whose = $"State '{state}' of operator '{context.Name}', subtask {context.SubtaskIndex}, cannot {what} in '{folder}'";
        return new StreamJobException(
            ErrorKind.Unavailable, $"{whose}: {cause.Message} Look for room and for the health of that disk; the last checkpoint is whole.", cause)
        {
            OperatorName = context.Name,
            SubtaskIndex = context.SubtaskIndex,
        };
    }

    private static OptionsHandle CreateOptions(RocksDbStateOptions settings, RocksDbMemory memory)
    {
        var api = Api.Instance;
        var options = new OptionsHandle();
        var native = options.Pointer;
        var table = api.rocksdb_block_based_options_create();
        api.rocksdb_block_based_options_set_block_cache(table, memory.Cache);
        api.rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
        api.rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
        // The table's settings own the filter, and the options own those.
        api.rocksdb_block_based_options_set_filter_policy(table, api.rocksdb_filterpolicy_create_bloom_full(10));
        api.rocksdb_options_set_block_based_table_factory(native, table);
        api.rocksdb_block_based_options_destroy(table);
        api.rocksdb_options_set_write_buffer_manager(native, memory.WriteBuffers);
        api.rocksdb_options_set_write_buffer_size(native, (nuint)memory.WriteBufferBytesEach);
        api.rocksdb_options_set_create_if_missing(native, 1);
        api.rocksdb_options_set_create_missing_column_families(native, 1);
        api.rocksdb_options_set_max_background_jobs(native, settings.BackgroundJobs);
        api.rocksdb_options_set_max_open_files(native, settings.OpenFiles);
        api.rocksdb_options_set_compaction_style(native, Compaction.Universal);
        api.rocksdb_options_set_compression(native, Compression.Lz4);
        api.rocksdb_options_set_info_log_level(native, 3);
        api.rocksdb_options_set_keep_log_file_num(native, (nuint)1);
        api.rocksdb_options_set_stats_dump_period_sec(native, 0);
        return options;
    }

    private bool Read(ColumnFamilyHandle family, ReadOnlySpan<byte> key, out int length, out bool found)
    {
        fixed (byte* k = key)
        fixed (byte* buffer = _buffer)
        {
            var fits = Api.Instance.rocksdb_get_into_buffer_cf(
                _handle.Pointer, _reads.Pointer, family.Pointer, k, (nuint)key.Length, (IntPtr)buffer, (nuint)_buffer.Length, out var size, out var exists);
            length = checked((int)size);
            found = exists != 0;
            return fits != 0;
        }
    }

    private void Guard(ColumnFamilyHandle family, string what, Action action)
    {
        try
        {
            action();
        }
        catch (RocksDbException e)
        {
            throw Failure(_context, Folder, family.Name, what, e);
        }
    }
}
