namespace DataPlatform.Orchestrator.Dags;

/// <summary>One task that differs between two versions.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Values">For a changed task what differs, by name; empty for one that was added or removed.</param>
public sealed record DagTaskChange(string TaskId, DagChangeKind Kind, IReadOnlyList<DagValueChange> Values);
