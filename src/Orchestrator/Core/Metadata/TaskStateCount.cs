using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Instances of one task of one run in one state.</summary>
/// <param name="RunId">The run.</param>
/// <param name="TaskNumber">The task, by its number in the version the run is pinned to.</param>
/// <param name="State">The state.</param>
/// <param name="Count">How many instances; 1 for a task that is not mapped.</param>
public readonly record struct TaskStateCount(long RunId, int TaskNumber, TaskState State, int Count);
