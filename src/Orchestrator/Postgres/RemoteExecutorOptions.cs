namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Settings of a <see cref="RemoteExecutor"/>. Read once, at construction.</summary>
public sealed record RemoteExecutorOptions
{
    /// <summary>The name tasks choose it by; <c>remote</c> by default.</summary>
    public string Name { get; init; } = "remote";

    /// <summary>The queue of tasks that name none; <c>default</c> by default.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>How long a worker may be silent before its tries are lost, by the database's clock; 30 s by default. Workers must be told the same
    /// (<see cref="RemoteWorkerOptions.Timeout"/>).</summary>
    public TimeSpan WorkerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it looks by itself where no signal came; 1 s by default.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);
}
