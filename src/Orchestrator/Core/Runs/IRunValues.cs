using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>What a graph must know about values tasks pushed, and about the run before.</summary>
internal interface IRunValues
{
    /// <summary>How many instances a mapped task gets; null when its lists cannot be read, with the reason.</summary>
    int? MapLength(DagTask task, out string? reason);

    /// <summary>What a branch or short circuit decided; null when the task made no decision.</summary>
    SkipDecision? DecisionOf(DagTask task);

    /// <summary>Whether the run before lets a task start that depends on it.</summary>
    bool PastAllows(DagTask task);
}
