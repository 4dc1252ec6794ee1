using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A directed acyclic graph of tasks and when it runs. Immutable and validated; made by <see cref="DagBuilder"/>.</summary>
/// <remarks>A run is pinned to the <see cref="Hash"/> it started with.</remarks>
public sealed class Dag
{
    private readonly Dictionary<string, DagTask> _byId;
    private readonly Dictionary<string, MapSource> _groupMaps;

    internal Dag(DagSettings settings, IReadOnlyList<DagTask> tasks)
    {
        Settings = settings;
        Tasks = tasks;
        _byId = tasks.ToDictionary(task => task.Id, StringComparer.Ordinal);
        _groupMaps = settings.MappedGroups.ToDictionary(group => group.Id, group => group.Map, StringComparer.Ordinal);
        Leaves = FindLeaves(tasks);
        Model = DagDocument.Write(this);
        Hash = DagDocument.HashOf(Model);
    }

    /// <summary>The name.</summary>
    public string Id => Settings.Id;

    /// <summary>What it is for; may be empty.</summary>
    public string Description => Settings.Description;

    /// <summary>When it runs by the clock; <see cref="Timetable.Manual"/> when only by hand or by datasets.</summary>
    public ITimetable Timetable => Settings.Timetable;

    /// <summary>Whether missed intervals are all run, or only the latest complete one.</summary>
    public bool Catchup => Settings.Catchup;

    /// <summary>The first interval begins here; null: when the DAG was first registered.</summary>
    public DateTimeOffset? Start => Settings.Start;

    /// <summary>The datasets that start it; null for none.</summary>
    public DatasetCondition? Datasets => Settings.Datasets;

    /// <summary>The events that start it, in order of mention; empty for none.</summary>
    public IReadOnlyList<string> Events => Settings.Events;

    /// <summary>Runs that may be active at once.</summary>
    public int MaxActiveRuns => Settings.MaxActiveRuns;

    /// <summary>Tasks of this DAG that may be queued or running at once, over all runs.</summary>
    public int MaxActiveTasks => Settings.MaxActiveTasks;

    /// <summary>Its share of a pool beside other DAGs of the same priority; 1 by default.</summary>
    public int Weight => Settings.Weight;

    /// <summary>The longest a run may take; null for no limit.</summary>
    public TimeSpan? RunTimeout => Settings.RunTimeout;

    /// <summary>Tasks of one run that may be queued or running at once.</summary>
    public int MaxActiveTasksPerRun => Settings.MaxActiveTasksPerRun;

    /// <summary>How long after its earliest start a run should have ended; null for no deadline. Missing it is announced and changes
    /// nothing.</summary>
    public TimeSpan? Deadline => Settings.Deadline;

    /// <summary>The parameters of its runs.</summary>
    public IReadOnlyList<DagParam> Params => Settings.Params;

    /// <summary>The groups that run once for each item of a list.</summary>
    public IReadOnlyList<MappedGroup> MappedGroups => Settings.MappedGroups;

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Tags => Settings.Tags;

    /// <summary>The tasks in topological order; <see cref="DagTask.Number"/> is the index.</summary>
    public IReadOnlyList<DagTask> Tasks { get; }

    /// <summary>Numbers of the tasks nothing depends on: they decide the state of a run.</summary>
    public IReadOnlyList<int> Leaves { get; }

    /// <summary>The structure as canonical JSON: what the store keeps for each version.</summary>
    public string Model { get; }

    /// <summary>SHA-256 of <see cref="Model"/>, hexadecimal. Code bodies do not enter it; <see cref="DagBuilder.Version"/> does.</summary>
    public string Hash { get; }

    internal DagSettings Settings { get; }

    /// <summary>A task by its id.</summary>
    /// <param name="taskId">The id.</param>
    /// <exception cref="DagException">No such task.</exception>
    public DagTask Task(string taskId) =>
        _byId.TryGetValue(taskId, out var task) ? task : throw new DagException(Id, $"there is no task '{taskId}'.");

    /// <summary>A task by its id, or null.</summary>
    /// <param name="taskId">The id.</param>
    public DagTask? FindTask(string taskId) => _byId.GetValueOrDefault(taskId);

    /// <summary>The lists a task's instances come from: its own, or those of its mapped group; null for a task with one instance.</summary>
    /// <param name="task">A task of this DAG.</param>
    public MapSource? MapOf(DagTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Map ?? (task.MappedGroup is { } id ? _groupMaps[id] : null);
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>Teardown tasks do not count: a task that only they come after is a leaf. A DAG of teardowns alone has them as
    /// leaves.</summary>
    private static List<int> FindLeaves(IReadOnlyList<DagTask> tasks)
    {
        List<int> leaves =
        [
            .. tasks.Where(task => !task.IsTeardown && task.DownstreamNumbers.All(number => tasks[number].IsTeardown))
                .Select(task => task.Number),
        ];
        return leaves.Count > 0 ? leaves : [.. tasks.Where(task => task.DownstreamNumbers.Count == 0).Select(task => task.Number)];
    }
}
