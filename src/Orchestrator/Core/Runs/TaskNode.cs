using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>One task of a run and its instances: one, or one by map index once its lists are known.</summary>
internal sealed class TaskNode
{
    private readonly List<LiveTask> _instances = [];
    private readonly long _runId;

    /// <summary>Counts of the direct upstream instances, without those of the same mapped group, which count by index. A field, because it
    /// is counted in place.</summary>
    public UpstreamCounts Upstream;

    public TaskNode(DagTask task, long runId)
    {
        Task = task;
        _runId = runId;
        Add(-1);
    }

    public DagTask Task { get; }

    /// <summary>The mapped group it is in; null elsewhere.</summary>
    public LiveGroup? Group { get; set; }

    /// <summary>Instances that have not ended.</summary>
    public int Unfinished { get; set; }

    /// <summary>Whether a branch or short circuit above decided that it does not run.</summary>
    public bool IsExcluded { get; set; }

    /// <summary>Ordered by map index. A mapped task has one of index -1 until its lists are known, and when they are empty.</summary>
    public IReadOnlyList<LiveTask> Instances => _instances;

    /// <summary>Whether every instance waits for its upstream: then a mapped task's lists are read again.</summary>
    public bool IsUntouched => _instances.TrueForAll(task => task.State is TaskState.None or TaskState.Removed);

    public LiveTask? Find(int mapIndex)
    {
        if (mapIndex >= 0 && mapIndex < _instances.Count && _instances[mapIndex].Key.MapIndex == mapIndex)
        {
            return _instances[mapIndex];
        }

        // While the placeholder of index -1 is there, the others stand one further.
        return mapIndex + 1 < _instances.Count && _instances[mapIndex + 1].Key.MapIndex == mapIndex
            ? _instances[mapIndex + 1]
            : _instances.Count > 0 && _instances[^1].Key.MapIndex < mapIndex ? null
                : _instances.Find(task => task.Key.MapIndex == mapIndex);
    }

    public LiveTask Add(int mapIndex)
    {
        var task = new LiveTask(Task, new TaskKey(_runId, Task.Number, mapIndex));
        var at = _instances.Count > 0 && _instances[^1].Key.MapIndex > mapIndex
            ? _instances.FindIndex(other => other.Key.MapIndex > mapIndex)
            : -1;
        _instances.Insert(at < 0 ? _instances.Count : at, task);
        return task;
    }

    public void Drop(LiveTask task) => _instances.Remove(task);

    public void Load(TaskInstance stored)
    {
        if (stored.Key.MapIndex >= 0 && stored.State != TaskState.Removed && Find(-1) is { State: TaskState.None } placeholder)
        {
            Drop(placeholder);
        }

        (Find(stored.Key.MapIndex) ?? Add(stored.Key.MapIndex)).Load(stored);
    }
}
