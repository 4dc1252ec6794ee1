using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A small value passed between tasks.</summary>
/// <param name="Key">The task instance that pushed it.</param>
/// <param name="TaskId">That task's name.</param>
/// <param name="Name">The value's name.</param>
/// <param name="Json">The value.</param>
public sealed record XComValue(TaskKey Key, string TaskId, string Name, string Json);
