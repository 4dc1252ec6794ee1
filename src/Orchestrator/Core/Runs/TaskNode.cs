using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>One task of a run and its instances: one, or one by map index.</summary>
internal sealed class TaskNode
{
    private readonly List<LiveTask> _instances = [];

    /// <summary>Counts of the direct upstream instances. A field, because it is counted in place.</summary>
    public UpstreamCounts Upstream;

    public TaskNode(DagTask task, long runId)
    {
        Task = task;
        _instances.Add(new LiveTask(task, new TaskKey(runId, task.Number)));
    }

    public DagTask Task { get; }

    public IReadOnlyList<LiveTask> Instances => _instances;

    public LiveTask? Find(int mapIndex) => _instances.Find(task => task.Key.MapIndex == mapIndex);

    public void Load(TaskInstance stored) => Find(stored.Key.MapIndex)?.Load(stored);
}
