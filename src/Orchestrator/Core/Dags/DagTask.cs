using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>One task of a <see cref="Dag"/>. Immutable.</summary>
public sealed record DagTask
{
    /// <summary>The name inside its DAG.</summary>
    public required string Id { get; init; }

    /// <summary>Position in topological order, from 0. Stable for one version of the DAG.</summary>
    public int Number { get; init; }

    /// <summary>Ids of the direct upstream tasks.</summary>
    public IReadOnlyList<string> Upstream { get; init; } = [];

    /// <summary>Numbers of the direct upstream tasks, ascending.</summary>
    public IReadOnlyList<int> UpstreamNumbers { get; init; } = [];

    /// <summary>Numbers of the direct downstream tasks, ascending.</summary>
    public IReadOnlyList<int> DownstreamNumbers { get; init; } = [];

    /// <summary>When it may start.</summary>
    public TriggerRule Rule { get; init; } = TriggerRule.AllSuccess;

    /// <summary>Failures after which it is tried again; 0 by default.</summary>
    public int Retries { get; init; }

    /// <summary>The wait before a retry.</summary>
    public Backoff Backoff { get; init; } = Backoff.Default;

    /// <summary>The longest one try may run; null for no limit. A try that exceeds it is cancelled and may be retried.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The pool whose slots it takes while queued and running.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>Slots it takes; 1 or more.</summary>
    public int PoolSlots { get; init; } = 1;

    /// <summary>Higher starts first within a pool; 0 by default.</summary>
    public int Priority { get; init; }

    /// <summary>The executor that runs it; null for the engine's default.</summary>
    public string? Executor { get; init; }

    /// <summary>The resource queue a container executor asks; null for the executor's default.</summary>
    public string? Queue { get; init; }

    /// <summary>Thousandths of a core that a container executor asks for; 0 for the executor's default.</summary>
    public int CpuMillis { get; init; }

    /// <summary>MiB of memory that a container executor asks for; 0 for the executor's default.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>The group it is in, for example <c>etl</c> or <c>etl.load</c>; null outside groups.</summary>
    public string? Group { get; init; }

    /// <summary>The lists it is mapped over; null for a task with one instance, and for one that is mapped with its group.</summary>
    public MapSource? Map { get; init; }

    /// <summary>The mapped group it is in: it then has an instance for each item of the group's lists, and depends on tasks of the same
    /// group index by index. Null elsewhere.</summary>
    public string? MappedGroup { get; init; }

    /// <summary>Whether it has instances by index.</summary>
    public bool IsMapped => Map is not null || MappedGroup is not null;

    /// <summary>The most instances a mapping may make.</summary>
    public int MapLengthMax { get; init; } = DagLimits.DefaultMapLengthMax;

    /// <summary>Instances of this task that may be queued or running at once, over all runs; 0 for no limit.</summary>
    public int MaxActive { get; init; }

    /// <summary>Instances of this task that may be queued or running at once in one run; 0 for no limit.</summary>
    public int MaxActivePerRun { get; init; }

    /// <summary>Whether it prepares something that a teardown task removes.</summary>
    public bool IsSetup { get; init; }

    /// <summary>Whether it removes what a setup task made. Its failure does not fail the run.</summary>
    public bool IsTeardown { get; init; }

    /// <summary>Starts only when the same task of the previous run succeeded or was skipped.</summary>
    public bool DependsOnPast { get; init; }

    /// <summary>Starts only when the direct downstream tasks of the same task of the previous run have succeeded or were skipped.</summary>
    public bool WaitsForDownstream { get; init; }

    /// <summary>The datasets it reads, each once; told as its lineage.</summary>
    public IReadOnlyList<DatasetId> Inlets { get; init; } = [];

    /// <summary>The datasets it writes, each once: its success is an update of each, which starts the DAGs that wait for one.</summary>
    public IReadOnlyList<DatasetId> Outlets { get; init; } = [];

    /// <summary>What its return value is; <c>typeof(void)</c> for none, null where nobody declared it. A fact of the code, so no part of
    /// <see cref="Dag.Model"/>.</summary>
    public Type? Result { get; init; }

    /// <summary>Values of upstream tasks that it takes, with the types it reads them as. No part of <see cref="Dag.Model"/>.</summary>
    public IReadOnlyList<TaskInput> Inputs { get; init; } = [];

    /// <summary>What it reads the item of its mapping as: one type, or one for each list of a product or zip. Empty where nobody declared
    /// it. No part of <see cref="Dag.Model"/>.</summary>
    public IReadOnlyList<Type> ItemTypes { get; init; } = [];

    /// <summary>What it does.</summary>
    public required TaskBody Body { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Id;
}
