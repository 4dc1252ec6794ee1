namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Settings of a <see cref="RemoteWorker"/>. Read once, at construction.</summary>
public sealed record RemoteWorkerOptions
{
    /// <summary>The queues it takes tries from; <c>default</c> by default.</summary>
    public IReadOnlyList<string> Queues { get; init; } = ["default"];

    /// <summary>Tries at once; 8 by default.</summary>
    public int Slots { get; init; } = 8;

    /// <summary>A name for people; host and process id by default.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>How long it may be silent before its tries are lost; 30 s by default. It stops them itself after two thirds of that. Must be the
    /// schedulers' <see cref="RemoteExecutorOptions.WorkerTimeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it looks for tries by itself where no signal came; 500 ms by default.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long it lets tries finish when it is stopped before it cancels them; 0 by default.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.Zero;
}
