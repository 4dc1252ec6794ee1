using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Settings of <see cref="OrchestratorWorkerServices.AddOrchestratorWorker"/>. Read once, when it is called.</summary>
public sealed class OrchestratorWorkerOptions
{
    /// <summary>The PostgreSQL of the schedulers. Required.</summary>
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>Settings of the store; the schedulers' own schema, for example.</summary>
    public PostgresOrchestratorOptions Store { get; set; } = new();

    /// <summary>Queues, slots and time limits.</summary>
    public RemoteWorkerOptions Worker { get; set; } = new();

    /// <summary>Gives the DAGs whose code this process has, from the host's services; none by default, then it runs commands only.</summary>
    public Func<IServiceProvider, IEnumerable<Dag>> Dags { get; set; } = static _ => [];

    /// <summary>What runs bodies; null for a <see cref="SubprocessExecutor"/>, which runs code in this process.</summary>
    public IExecutor? Executor { get; set; }

    /// <summary>Where the lines that tries write are kept: the same store as the engine's; null for nowhere.</summary>
    public Logs.TaskLogs? Logs { get; set; }

    /// <summary>Where large values are kept: the same as the engine's; null where it has none.</summary>
    public LargeXComs? LargeXComs { get; set; }
}
