using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Describes one task inside <see cref="DagBuilder"/>. Not thread-safe.</summary>
public sealed class TaskBuilder
{
    private readonly List<string> _upstream = [];
    private DagTask _task;

    internal TaskBuilder(string id, TaskBody body) => _task = new DagTask { Id = id, Body = body };

    /// <summary>Names tasks that come directly before this one; they may be defined later in the builder.</summary>
    /// <param name="taskIds">Their ids.</param>
    public TaskBuilder After(params ReadOnlySpan<string> taskIds)
    {
        foreach (var id in taskIds)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(id, nameof(taskIds));
            if (!_upstream.Contains(id, StringComparer.Ordinal))
            {
                _upstream.Add(id);
            }
        }

        return this;
    }

    /// <summary>Retries a failed try.</summary>
    /// <param name="retries">Failures after which it is tried again, 0 to <see cref="DagLimits.RetriesMax"/>.</param>
    /// <param name="backoff">The wait before each; null for <see cref="Backoff.Default"/>.</param>
    public TaskBuilder Retries(int retries, Backoff? backoff = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(retries, DagLimits.RetriesMax);
        if (backoff is not null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(backoff.Base, TimeSpan.Zero, nameof(backoff));
            ArgumentOutOfRangeException.ThrowIfLessThan(backoff.Cap ?? TimeSpan.Zero, TimeSpan.Zero, nameof(backoff));
            if (!(backoff.Multiplier >= 1) || double.IsInfinity(backoff.Multiplier))
            {
                throw new ArgumentOutOfRangeException(nameof(backoff), backoff.Multiplier, "A wait grows by 1 or more from failure to failure.");
            }
        }

        return With(_task with { Retries = retries, Backoff = backoff ?? _task.Backoff });
    }

    /// <summary>Takes slots of a pool.</summary>
    /// <param name="pool">The pool's name.</param>
    /// <param name="slots">Slots it occupies while queued and running; 1 or more.</param>
    public TaskBuilder Pool(string pool, int slots = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        return With(_task with { Pool = pool, PoolSlots = slots });
    }

    /// <summary>Orders it within its pool.</summary>
    /// <param name="priority">Higher starts first.</param>
    public TaskBuilder Priority(int priority) => With(_task with { Priority = priority });

    /// <summary>Names the resource queue for container executors.</summary>
    /// <param name="queue">The queue, for example <c>root.flights.gate</c>.</param>
    public TaskBuilder Queue(string queue) => With(_task with { Queue = queue });

    /// <summary>Says what a container executor should ask for.</summary>
    /// <param name="cpuMillis">Thousandths of a core; 0 for the executor's default.</param>
    /// <param name="memoryMiB">MiB; 0 for the executor's default.</param>
    public TaskBuilder Resources(int cpuMillis, int memoryMiB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpuMillis);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryMiB);
        return With(_task with { CpuMillis = cpuMillis, MemoryMiB = memoryMiB });
    }

    /// <summary>Bounds one try.</summary>
    /// <param name="timeout">The longest a try may run; more than zero. One of more than 49 days is no limit.</param>
    public TaskBuilder Timeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return With(_task with { Timeout = timeout });
    }

    /// <summary>Says when it may start; <see cref="TriggerRule.AllSuccess"/> by default.</summary>
    /// <param name="rule">The rule.</param>
    public TaskBuilder TriggerRule(TriggerRule rule) => With(_task with { Rule = rule });

    /// <summary>Chooses the executor.</summary>
    /// <param name="name">Its <see cref="Execution.IExecutor.Name"/>.</param>
    public TaskBuilder Executor(string name) => With(_task with { Executor = name });

    /// <summary>Limits instances of this task that are queued or running at once, over all runs.</summary>
    /// <param name="instances">1 or more.</param>
    public TaskBuilder MaxActive(int instances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instances, 1);
        return With(_task with { MaxActive = instances });
    }

    /// <summary>Limits instances of this task that are queued or running at once in one run.</summary>
    /// <param name="instances">1 or more.</param>
    public TaskBuilder MaxActivePerRun(int instances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instances, 1);
        return With(_task with { MaxActivePerRun = instances });
    }

    /// <summary>Limits how many instances a mapping may make; more fail the task that returned the list.</summary>
    /// <param name="instances">1 or more; <see cref="DagLimits.DefaultMapLengthMax"/> by default.</param>
    public TaskBuilder MapLengthMax(int instances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instances, 1);
        return With(_task with { MapLengthMax = instances });
    }

    /// <summary>Marks a task that prepares something a teardown task removes.</summary>
    public TaskBuilder Setup() => With(_task with { IsSetup = true });

    /// <summary>
    /// Marks a task that removes what setup tasks made: it runs when all before it have ended and a setup succeeded, is not skipped by a
    /// short circuit, and its failure does not fail the run.
    /// </summary>
    /// <param name="setups">The setup tasks it belongs to; it comes after them.</param>
    public TaskBuilder Teardown(params ReadOnlySpan<string> setups)
    {
        After(setups);
        return With(_task with { IsTeardown = true, Rule = Dags.TriggerRule.AllDoneSetupSuccess });
    }

    /// <summary>Starts it only when the same task of the previous run succeeded or was skipped.</summary>
    /// <param name="waitsForDownstream">Also waits for that task's direct downstream tasks.</param>
    public TaskBuilder DependsOnPast(bool waitsForDownstream = false) =>
        With(_task with { DependsOnPast = true, WaitsForDownstream = waitsForDownstream });

    /// <summary>Runs the task once for each item of lists that are known only when the run gets there, as a command may with
    /// <c>{{item}}</c>.</summary>
    /// <param name="source">The lists; their tasks come before this one.</param>
    public TaskBuilder Over(MapSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        After([.. source.TaskIds]);
        return With(_task with { Map = source });
    }

    /// <summary>Declares a value it takes, which it reads with <see cref="Execution.TaskContext.Read{T}"/>; the task that gives it comes
    /// before this one. Whether the types match is checked when the DAG is built.</summary>
    /// <param name="input">The value.</param>
    public TaskBuilder Takes(TaskInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        After(input.TaskId);
        return With(_task with { Inputs = [.. _task.Inputs, input] });
    }

    /// <summary>Declares what it reads the item of its mapping as, so that it is checked when the DAG is built.</summary>
    /// <param name="types">One type, or one for each list of a product or zip.</param>
    public TaskBuilder TakesItem(params IReadOnlyList<Type> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return With(_task with { ItemTypes = [.. types] });
    }

    /// <summary>Declares what its return value is, where that does not follow from its code: of a command, for example.</summary>
    /// <param name="result">The type; <c>typeof(void)</c> for none.</param>
    public TaskBuilder Gives(Type result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return With(_task with { Result = result });
    }

    /// <summary>Declares datasets that it reads.</summary>
    /// <param name="datasets">The datasets, at most <see cref="DagLimits.TaskDatasetsMax"/> in all.</param>
    /// <remarks>What is known only when it runs is told by <see cref="Execution.TaskContext.Lineage"/>.</remarks>
    public TaskBuilder Inlets(params IReadOnlyList<DatasetId> datasets) =>
        With(_task with { Inlets = Joined(_task.Inlets, datasets) });

    /// <summary>Declares datasets that it writes: when it succeeds each is updated, which starts the DAGs that wait for it.</summary>
    /// <param name="datasets">The datasets, at most <see cref="DagLimits.TaskDatasetsMax"/> in all.</param>
    public TaskBuilder Outlets(params IReadOnlyList<DatasetId> datasets) =>
        With(_task with { Outlets = Joined(_task.Outlets, datasets) });

    internal TaskBuilder In(string? group) => With(_task with { Group = group });

    internal DagTask ToTask() => _task with { Upstream = [.. _upstream] };

    private static DatasetId[] Joined(IReadOnlyList<DatasetId> known, IReadOnlyList<DatasetId> datasets)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        DatasetId[] all = [.. known.Concat(datasets).Distinct()];
        return Array.TrueForAll(all, dataset => dataset.Name.Length > 0) && all.Length <= DagLimits.TaskDatasetsMax
            ? all
            : throw new ArgumentException(
                $"A task names at most {DagLimits.TaskDatasetsMax} datasets in each direction, and each has a name.", nameof(datasets));
    }

    private TaskBuilder With(DagTask task)
    {
        _task = task;
        return this;
    }
}
