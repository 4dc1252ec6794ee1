using DataPlatform.Kernel;
using DataPlatform.Streaming.RocksDb.Native;
using Api = RocksDbSharp.Native;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// The memory that all databases of a process share: one cache of blocks, and in it one budget for changes that are not yet in files. The
/// capacity is a hard limit: blocks are evicted, and writers wait for a flush rather than pass it.
/// </summary>
/// <remarks>Thread-safe. Values that states hold as objects (see <see cref="RocksDbStateOptions.CachedEntries"/>) are beside it.</remarks>
public sealed class RocksDbMemory : IDisposable
{
    /// <summary>The capacity of <see cref="Shared"/> unless it is set before: 512 MiB.</summary>
    public const long SharedBytesDefault = 512L << 20;

    private const long BytesMin = 16L << 20;
    private static readonly Lock s_lock = new();
    private static long s_sharedBytes = SharedBytesDefault;
    private static RocksDbMemory? s_shared;

    private readonly CacheHandle _cache;
    private readonly WriteBufferManagerHandle _writeBuffers;

    /// <summary>Sets memory aside for some databases apart from all others. Most processes use <see cref="Shared"/>.</summary>
    /// <param name="capacityBytes">The limit, at least 16 MiB. Half of it at most holds changes that are not yet in files.</param>
    public RocksDbMemory(long capacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, BytesMin);
        CapacityBytes = capacityBytes;
        _cache = new CacheHandle(capacityBytes);
        _writeBuffers = new WriteBufferManagerHandle(capacityBytes / 2, _cache);
    }

    /// <summary>The memory that every back end of the process uses unless it is given another.</summary>
    public static RocksDbMemory Shared
    {
        get
        {
            lock (s_lock)
            {
                return s_shared ??= new RocksDbMemory(s_sharedBytes);
            }
        }
    }

    /// <summary>The limit, in bytes.</summary>
    public long CapacityBytes { get; }

    /// <summary>What is in use now, in bytes: blocks and changes not yet in files.</summary>
    public long UsedBytes => (long)Api.Instance.rocksdb_cache_get_usage(_cache.Pointer);

    /// <summary>What changes that are not yet in files take, in bytes.</summary>
    public long WriteBufferBytes => (long)Api.Instance.rocksdb_write_buffer_manager_memory_usage(_writeBuffers.Pointer);

    internal IntPtr Cache => _cache.Pointer;

    internal IntPtr WriteBuffers => _writeBuffers.Pointer;

    /// <summary>How large a single column family's buffer grows before it becomes a file.</summary>
    internal long WriteBufferBytesEach => Math.Clamp(CapacityBytes / 16, 1L << 20, 64L << 20);

    /// <summary>Sets the capacity of <see cref="Shared"/>; to be called before it is first used.</summary>
    /// <param name="capacityBytes">The limit, at least 16 MiB.</param>
    /// <exception cref="StreamJobException">The shared memory is in use already.</exception>
    public static void ConfigureShared(long capacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, BytesMin);
        lock (s_lock)
        {
            if (s_shared is not null && s_shared.CapacityBytes != capacityBytes)
            {
                throw new StreamJobException(
                    ErrorKind.Conflict, $"The shared memory of RocksDB is {s_shared.CapacityBytes} bytes already: set it once, before the first job begins.");
            }

            s_sharedBytes = capacityBytes;
        }
    }

    /// <summary>Gives the memory back; every database that uses it must be closed before.</summary>
    public void Dispose()
    {
        _writeBuffers.Dispose();
        _cache.Dispose();
    }

    private sealed class CacheHandle(long bytes) : NativeHandle(
        Api.Instance.rocksdb_cache_create_lru_with_strict_capacity_limit((nuint)bytes))
    {
        protected override void Free(IntPtr native) => Api.Instance.rocksdb_cache_destroy(native);
    }

    private sealed class WriteBufferManagerHandle(long bytes, CacheHandle cache)
        : NativeHandle(Api.Instance.rocksdb_write_buffer_manager_create_with_cache((nuint)bytes, cache.Pointer, allow_stall: 1))
    {
        protected override void Free(IntPtr native) => Api.Instance.rocksdb_write_buffer_manager_destroy(native);
    }
}
