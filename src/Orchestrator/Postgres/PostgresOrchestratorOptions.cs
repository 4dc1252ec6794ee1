namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Settings of a <see cref="PostgresOrchestratorStore"/>. Read once, when it is opened.</summary>
public sealed class PostgresOrchestratorOptions
{
    /// <summary>The schema its tables are in; <c>orchestrator</c> by default. Lower-case letters, digits and <c>_</c>.</summary>
    public string Schema { get; set; } = "orchestrator";

    /// <summary>How long a scheduler's term lives without being renewed, by the database's clock; 15 s by default. After a crash its DAGs
    /// wait that long.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether processes wake each other by <c>NOTIFY</c>; true by default. False where a connection pooler does not pass it on:
    /// then each looks by itself, at least once a second.</summary>
    public bool UsesNotify { get; set; } = true;

    /// <summary>How often a write is tried again after a lost connection or a deadlock; 5 by default.</summary>
    public int RetriesMax { get; set; } = 5;
}
