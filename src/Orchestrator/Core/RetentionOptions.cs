namespace DataPlatform.Orchestrator;

/// <summary>How long what has ended is kept. Read once, at construction of the engine.</summary>
public sealed record RetentionOptions
{
    /// <summary>How long ended runs stay, with their tasks, tries, values and logs; 90 days by default.</summary>
    public TimeSpan Runs { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The newest runs of each DAG that stay however old they are, because later runs may look at them; 10 by default, at least 1.</summary>
    public int RunsKept { get; init; } = 10;

    /// <summary>How long answered commands stay, and so how long their idempotency keys are remembered beyond their runs; 7 days by default. The
    /// newest update of a dataset by a task stays as long, for DAGs that nobody schedules meanwhile.</summary>
    public TimeSpan Commands { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the audit log stays; 365 days by default.</summary>
    public TimeSpan Audit { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How often it is looked for; 10 minutes by default.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Runs, or other rows by the hundred, removed in one transaction; 100 by default.</summary>
    public int BatchSize { get; init; } = 100;
}
