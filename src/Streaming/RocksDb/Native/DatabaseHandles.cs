using Api = RocksDbSharp.Native;

namespace DataPlatform.Streaming.RocksDb.Native;

/// <summary>An open database.</summary>
internal sealed class DatabaseHandle(IntPtr native) : NativeHandle(native)
{
    protected override void Free(IntPtr native)
    {
        Api.Instance.rocksdb_cancel_all_background_work(native, 1);
        Api.Instance.rocksdb_close(native);
    }
}

/// <summary>Something inside a database, which stays open until this is released.</summary>
internal abstract class InnerHandle : NativeHandle
{
    private readonly DatabaseHandle _database;

    protected InnerHandle(DatabaseHandle database, IntPtr native)
        : base(native)
    {
        _database = database;
        var added = false;
        _database.DangerousAddRef(ref added);
    }

    protected IntPtr Database => _database.Pointer;

    protected override bool ReleaseHandle()
    {
        base.ReleaseHandle();
        _database.DangerousRelease();
        return true;
    }
}

/// <summary>A column family.</summary>
internal sealed class ColumnFamilyHandle(DatabaseHandle database, IntPtr native, string name) : InnerHandle(database, native)
{
    public string Name => name;

    protected override void Free(IntPtr native) => Api.Instance.rocksdb_column_family_handle_destroy(native);
}

/// <summary>A moment of the database.</summary>
internal sealed class SnapshotHandle(DatabaseHandle database) : InnerHandle(
    database, Api.Instance.rocksdb_create_snapshot(database.Pointer))
{
    protected override void Free(IntPtr native) => Api.Instance.rocksdb_release_snapshot(Database, native);
}

/// <summary>How to write.</summary>
internal sealed class WriteOptionsHandle : NativeHandle
{
    public WriteOptionsHandle()
        : base(Api.Instance.rocksdb_writeoptions_create())
        => Api.Instance.rocksdb_writeoptions_disable_WAL(handle, 1);

    protected override void Free(IntPtr native) => Api.Instance.rocksdb_writeoptions_destroy(native);
}

/// <summary>How to read.</summary>
internal sealed class ReadOptionsHandle() : NativeHandle(Api.Instance.rocksdb_readoptions_create())
{
    protected override void Free(IntPtr native) => Api.Instance.rocksdb_readoptions_destroy(native);
}

/// <summary>Settings of a database or a column family.</summary>
internal sealed class OptionsHandle() : NativeHandle(Api.Instance.rocksdb_options_create())
{
    protected override void Free(IntPtr native) => Api.Instance.rocksdb_options_destroy(native);
}

/// <summary>Many changes that are made at once.</summary>
internal sealed unsafe class BatchHandle() : NativeHandle(Api.Instance.rocksdb_writebatch_create())
{
    /// <summary>How many bytes of changes there are, roughly.</summary>
    public long Bytes { get; private set; }

    public void Put(ColumnFamilyHandle family, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            Api.Instance.rocksdb_writebatch_put_cf(handle, family.Pointer, k, (nuint)key.Length, v, (nuint)value.Length);
        }

        Bytes += key.Length + value.Length;
    }

    public void Delete(ColumnFamilyHandle family, ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
        {
            Api.Instance.rocksdb_writebatch_delete_cf(handle, family.Pointer, k, (nuint)key.Length);
        }

        Bytes += key.Length;
    }

    /// <summary>Removes all keys from one on and below another.</summary>
    public void DeleteRange(ColumnFamilyHandle family, ReadOnlySpan<byte> from, ReadOnlySpan<byte> below)
    {
        fixed (byte* f = from)
        fixed (byte* b = below)
        {
            Api.Instance.rocksdb_writebatch_delete_range_cf(handle, family.Pointer, f, (nuint)from.Length, b, (nuint)below.Length);
        }

        Bytes += from.Length + below.Length;
    }

    public void Clear()
    {
        Api.Instance.rocksdb_writebatch_clear(handle);
        Bytes = 0;
    }

    protected override void Free(IntPtr native) => Api.Instance.rocksdb_writebatch_destroy(native);
}
