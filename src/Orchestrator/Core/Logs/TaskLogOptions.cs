namespace DataPlatform.Orchestrator.Logs;

/// <summary>Settings of <see cref="TaskLogs"/>. Read once, at construction.</summary>
public sealed record TaskLogOptions
{
    /// <summary>Bytes of one try at most; what comes after is counted and left out. 16 MiB by default.</summary>
    public int BytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes after which lines are written to the store; 64 KiB by default.</summary>
    public int PartBytes { get; init; } = 64 * 1024;

    /// <summary>How long a line may wait before it is written to the store: what a crash can lose. 1 s by default.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromSeconds(1);
}
