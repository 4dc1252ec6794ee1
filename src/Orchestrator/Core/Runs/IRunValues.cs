using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>What a graph must know about values tasks pushed, and about the run before.</summary>
internal interface IRunValues
{
    /// <summary>How many instances a mapped task or group gets; null when its lists cannot be read, with the reason.</summary>
    int? MapLength(MapSource source, int lengthMax, string mapped, out string? reason);

    /// <summary>What an instance of a branch or short circuit decided; null when it made no decision.</summary>
    SkipDecision? DecisionOf(DagTask task, int mapIndex);

    /// <summary>Whether the run before lets a task start that depends on it.</summary>
    bool PastAllows(DagTask task);
}
