using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>A mapped group of one run: its tasks get their instances together, once its lists are known.</summary>
internal sealed class LiveGroup(MappedGroup definition, IReadOnlyList<TaskNode> nodes, IReadOnlyList<TaskNode> sources)
{
    public MappedGroup Definition { get; } = definition;

    /// <summary>In topological order.</summary>
    public IReadOnlyList<TaskNode> Nodes { get; } = nodes;

    /// <summary>The tasks that return the lists.</summary>
    public IReadOnlyList<TaskNode> Sources { get; } = sources;

    /// <summary>Instances that left <see cref="TaskState.None"/> and were not removed. While there are none, the lists are read
    /// again.</summary>
    public int Touched { get; set; }

    /// <summary>Whether the tasks that return the lists have ended, however.</summary>
    public bool AreListsFinal => Sources.All(source => source.Unfinished == 0);

    public static bool IsTouched(TaskState state) => state is not (TaskState.None or TaskState.Removed);
}
