namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Settings of a <see cref="QueuedNotifier"/>. Read once, at construction.</summary>
public sealed class QueuedNotifierOptions
{
    /// <summary>Events that wait; beyond it the oldest are dropped, and counted. 1,000 by default.</summary>
    public int LengthMax { get; set; } = 1_000;

    /// <summary>How often an event is told again when it could not be; 5 by default. Then it is dropped, and counted.</summary>
    public int RetriesMax { get; set; } = 5;

    /// <summary>The wait before a retry; 1 s, doubling, at most 5 minutes, half jittered by default.</summary>
    public Dags.Backoff Backoff { get; set; } = new(TimeSpan.FromSeconds(1), 2.0, TimeSpan.FromMinutes(5));
}
