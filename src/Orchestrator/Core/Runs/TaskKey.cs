namespace DataPlatform.Orchestrator.Runs;

/// <summary>Names one task instance.</summary>
/// <param name="RunId">The run.</param>
/// <param name="TaskNumber">The task's number in the run's DAG version.</param>
/// <param name="MapIndex">The index of a mapped instance; -1 for a task that is not mapped.</param>
public readonly record struct TaskKey(long RunId, int TaskNumber, int MapIndex = -1);
