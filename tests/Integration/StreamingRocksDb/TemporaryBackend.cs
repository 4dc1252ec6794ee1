using DataPlatform.Streaming.RocksDb;

namespace DataPlatform.Integration.StreamingRocksDb;

/// <summary>A back end with little memory in a folder of its own, which goes away with it.</summary>
internal sealed class TemporaryBackend : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dp-rocksdb-{Guid.NewGuid():N}");
    private readonly RocksDbMemory _memory = new(32 << 20);

    public TemporaryBackend(int cachedEntries = 32)
        => Backend = new RocksDbStateBackend(
            new RocksDbStateOptions { LocalFolder = _folder, Memory = _memory, CachedEntries = cachedEntries });

    public RocksDbStateBackend Backend { get; }

    public RocksDbMemory Memory => _memory;

    public string Folder => _folder;

    /// <summary>The folders of databases and frozen files that are there now.</summary>
    public IReadOnlyList<string> WorkingFolders
        => [.. Directory.GetDirectories(_folder, "run-*").SelectMany(static run => Directory.GetDirectories(run))];

    public void Dispose()
    {
        Backend.Dispose();
        _memory.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
