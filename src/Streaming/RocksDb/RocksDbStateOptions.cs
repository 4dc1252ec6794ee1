namespace DataPlatform.Streaming.RocksDb;

/// <summary>Settings of the RocksDB back end. Checked when the back end is made.</summary>
public sealed class RocksDbStateOptions
{
    /// <summary>
    /// A folder on a fast local disk for the working files; null for one below the system's temporary folder. What is in it is of use only
    /// while
    /// the process runs: the next one clears away what a dead one left.
    /// </summary>
    public string? LocalFolder { get; set; }

    /// <summary>The memory to share; null for <see cref="RocksDbMemory.Shared"/>.</summary>
    public RocksDbMemory? Memory { get; set; }

    /// <summary>
    /// How many entries of a state, in one subtask, are kept as objects in front of the database, at least 16. Entries that change often
    /// are written
    /// once in a while instead of each time. Default 65,536.
    /// </summary>
    public int CachedEntries { get; set; } = 65_536;

    /// <summary>Threads that flush and compact one database, at least 1. Default 2.</summary>
    public int BackgroundJobs { get; set; } = 2;

    /// <summary>Files that one database keeps open, at least 16. Default 512.</summary>
    public int OpenFiles { get; set; } = 512;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CachedEntries, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackgroundJobs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(OpenFiles, 16);
    }
}
