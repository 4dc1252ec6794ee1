namespace DataPlatform.ResourceScheduler.Postgres;

/// <summary>Settings of a <see cref="PostgresStateStore"/>. Read once, when it is opened.</summary>
public sealed class PostgresStateStoreOptions
{
    /// <summary>The schema its tables are in; <c>resource_scheduler</c> by default. Lower-case letters, digits and <c>_</c>.</summary>
    public string Schema { get; set; } = "resource_scheduler";

    /// <summary>
    /// A leader that has written nothing for so long, by the database's clock, is taken for frozen and deposed; 10 s by default. A manager
    /// writes at least a tick a second.
    /// </summary>
    public TimeSpan FrozenAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a standby looks whether it may lead; 200 ms by default.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromMilliseconds(200);
}
