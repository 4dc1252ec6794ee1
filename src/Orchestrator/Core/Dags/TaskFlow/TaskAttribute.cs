namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>
/// Makes a method a task. Its parameters are what it takes: <see cref="Execution.TaskContext"/> and <see cref="CancellationToken"/>; the
/// value of the task a parameter is named after, which then comes before it; a parameter of the run (<see cref="ParamAttribute"/>); the
/// item of its mapping. What it returns is its value.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public class TaskAttribute : Attribute
{
    /// <summary>The task's name; null for the method's in snake case, without <c>Async</c>.</summary>
    public string? Id { get; set; }

    /// <summary>Failures after which it is tried again; 0 by default.</summary>
    public int Retries { get; set; }

    /// <summary>The wait before the first retry, for example <c>30s</c>; null for one second.</summary>
    public string? Backoff { get; set; }

    /// <summary>How the wait grows by failure; 2 by default.</summary>
    public double BackoffMultiplier { get; set; } = 2;

    /// <summary>The longest wait, for example <c>10m</c>; null for an hour.</summary>
    public string? BackoffCap { get; set; }

    /// <summary>How the wait is spread.</summary>
    public JitterMode Jitter { get; set; } = JitterMode.Equal;

    /// <summary>The pool whose slots it takes.</summary>
    public string Pool { get; set; } = OrchestratorOptions.DefaultPool;

    /// <summary>Slots it takes; 1 by default.</summary>
    public int PoolSlots { get; set; } = 1;

    /// <summary>Higher starts first within its pool.</summary>
    public int Priority { get; set; }

    /// <summary>The resource queue, for executors that have queues; null for the executor's default.</summary>
    public string? Queue { get; set; }

    /// <summary>The executor by name; null for the engine's default.</summary>
    public string? Executor { get; set; }

    /// <summary>Thousandths of a core; 0 for the executor's default.</summary>
    public int CpuMillis { get; set; }

    /// <summary>MiB of memory; 0 for the executor's default.</summary>
    public int MemoryMiB { get; set; }

    /// <summary>The longest one try may run, for example <c>5m</c>; null for no limit.</summary>
    public string? Timeout { get; set; }

    /// <summary>When it may start.</summary>
    public TriggerRule Rule { get; set; } = TriggerRule.AllSuccess;

    /// <summary>Datasets it reads.</summary>
    public string[] Inlets { get; set; } = [];

    /// <summary>Datasets it writes: its success updates them, which starts the DAGs that wait for one.</summary>
    public string[] Outlets { get; set; } = [];

    /// <summary>Instances at once over all runs; 0 for no limit.</summary>
    public int MaxActive { get; set; }

    /// <summary>Instances at once in one run; 0 for no limit.</summary>
    public int MaxActivePerRun { get; set; }

    /// <summary>Starts only when the same task of the previous run succeeded or was skipped.</summary>
    public bool DependsOnPast { get; set; }

    /// <summary>Also waits for the direct downstream tasks of that one.</summary>
    public bool WaitsForDownstream { get; set; }
}
