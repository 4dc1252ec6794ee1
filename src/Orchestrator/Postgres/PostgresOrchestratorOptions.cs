namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Settings of a <see cref="PostgresOrchestratorStore"/>. Read once, when it is opened.</summary>
public sealed class PostgresOrchestratorOptions
{
    /// <summary>The schema its tables are in; <c>orchestrator</c> by default. Lower-case letters, digits and <c>_</c>.</summary>
    public string Schema { get; set; } = "orchestrator";

    /// <summary>How long a claim holds without being renewed, by the database's clock; 15 s by default. A successor waits that long after
    /// a crash.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a write is tried again after a lost connection or a deadlock; 5 by default.</summary>
    public int RetriesMax { get; set; } = 5;
}
