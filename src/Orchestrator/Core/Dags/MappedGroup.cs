namespace DataPlatform.Orchestrator.Dags;

/// <summary>A group whose tasks run once for each item of lists that are known only when the run gets there.</summary>
/// <param name="Id">The group's whole name.</param>
/// <param name="Map">The lists.</param>
/// <param name="MapLengthMax">The most items; more fail the task that returned the list.</param>
/// <remarks>Inside the group an instance depends on the instances of the same index, so each item goes its way at its own pace. A task
/// after the group waits for all indices. An empty list skips the group.</remarks>
public sealed record MappedGroup(string Id, MapSource Map, int MapLengthMax = DagLimits.DefaultMapLengthMax);
