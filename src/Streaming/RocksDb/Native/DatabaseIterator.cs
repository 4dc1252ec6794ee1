using System.Runtime.InteropServices;
using Api = RocksDbSharp.Native;

namespace DataPlatform.Streaming.RocksDb.Native;

/// <summary>Reads a run of keys in their order, below an upper bound. Sees the database as it was when the iterator was made.</summary>
internal sealed unsafe class DatabaseIterator : InnerHandle
{
    private readonly ReadOptionsHandle _options;
    private readonly IntPtr _bound;

    private DatabaseIterator(DatabaseHandle database, IntPtr native, ReadOptionsHandle options, IntPtr bound)
        : base(database, native)
    {
        _options = options;
        _bound = bound;
    }

    public bool IsValid => Api.Instance.rocksdb_iter_valid(handle) != 0;

    public ReadOnlySpan<byte> Key
    {
        get
        {
            var start = Api.Instance.rocksdb_iter_key(handle, out var length);
            return new ReadOnlySpan<byte>((void*)start, (int)length);
        }
    }

    public ReadOnlySpan<byte> Value
    {
        get
        {
            var start = Api.Instance.rocksdb_iter_value(handle, out var length);
            return new ReadOnlySpan<byte>((void*)start, (int)length);
        }
    }

    /// <summary>Begins at the first key from <paramref name="from"/> on.</summary>
    /// <param name="database">The database.</param>
    /// <param name="family">Whose keys.</param>
    /// <param name="from">The lower bound.</param>
    /// <param name="below">The upper bound, excluded; empty for none.</param>
    /// <param name="snapshot">The moment to read at; null for now.</param>
    /// <param name="fillsCache">Whether what is read should stay in the block cache.</param>
    public static DatabaseIterator Open(
        DatabaseHandle database, ColumnFamilyHandle family, ReadOnlySpan<byte> from, ReadOnlySpan<byte> below, SnapshotHandle? snapshot, bool fillsCache)
    {
        var options = new ReadOptionsHandle();
        Api.Instance.rocksdb_readoptions_set_fill_cache(options.Pointer, fillsCache ? (byte)1 : (byte)0);
        if (snapshot is not null)
        {
            Api.Instance.rocksdb_readoptions_set_snapshot(options.Pointer, snapshot.Pointer);
        }

        // The library keeps the address of the bound, so it must not move while the iterator lives.
        var bound = IntPtr.Zero;
        if (!below.IsEmpty)
        {
            bound = Marshal.AllocHGlobal(below.Length);
            below.CopyTo(new Span<byte>((void*)bound, below.Length));
            Api.Instance.rocksdb_readoptions_set_iterate_upper_bound(options.Pointer, (byte*)bound, (nuint)below.Length);
        }

        var iterator = new DatabaseIterator(
            database, Api.Instance.rocksdb_create_iterator_cf(database.Pointer, options.Pointer, family.Pointer), options, bound);
        iterator.Seek(from);
        return iterator;
    }

    public void Seek(ReadOnlySpan<byte> from)
    {
        fixed (byte* f = from)
        {
            Api.Instance.rocksdb_iter_seek(handle, f, (nuint)from.Length);
        }
    }

    public void Next() => Api.Instance.rocksdb_iter_next(handle);

    /// <summary>Says why the iterator ended, when it was not at the end.</summary>
    /// <exception cref="RocksDbSharp.RocksDbException">Reading failed.</exception>
    public void ThrowIfFailed() => Api.Instance.rocksdb_iter_get_error(handle);

    protected override void Free(IntPtr native)
    {
        Api.Instance.rocksdb_iter_destroy(native);
        _options.Dispose();
        Marshal.FreeHGlobal(_bound);
    }
}
