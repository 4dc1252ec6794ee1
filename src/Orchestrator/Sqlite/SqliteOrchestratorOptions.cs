namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Settings of a <see cref="SqliteOrchestratorStore"/>.</summary>
public sealed class SqliteOrchestratorOptions
{
    /// <summary>
    /// False, the default: safe when the process dies; the last commits may be missing after a loss of power (<c>synchronous=NORMAL</c>).
    /// True: every commit reaches the disk first (<c>FULL</c>), at a tenth of the speed.
    /// </summary>
    public bool IsPowerLossSafe { get; set; }

    /// <summary>How long a write waits for another process that has the file locked; 10 s by default.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
