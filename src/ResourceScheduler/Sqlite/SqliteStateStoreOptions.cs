namespace DataPlatform.ResourceScheduler.Sqlite;

/// <summary>Settings of a <see cref="SqliteStateStore"/>. Read once, when it is opened.</summary>
public sealed class SqliteStateStoreOptions
{
    /// <summary>
    /// True, the default: every commit reaches the disk first (<c>synchronous=FULL</c>). False: safe when the process dies; the last
    /// commits
    /// may be missing after a loss of power, although they were acted on.
    /// </summary>
    public bool IsPowerLossSafe { get; set; } = true;

    /// <summary>How long a write waits for another process that has the file locked; 10 s by default.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
