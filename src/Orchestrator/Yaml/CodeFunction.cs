using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>A function for <c>code:</c> and the types it declares.</summary>
/// <param name="Result">What it returns; null where the code is not there.</param>
/// <param name="Run">What it does; gets the value it takes, where it takes one.</param>
internal sealed record CodeFunction(Type? Result, Func<TaskContext, TaskInput?, CancellationToken, Task<object?>> Run)
{
    /// <summary>The value it takes; null for none.</summary>
    public Type? Input { get; init; }

    /// <summary>The item it takes; null for none.</summary>
    public Type? Item { get; init; }

    /// <summary>Whether nothing is known of it, as when a file is checked without its code.</summary>
    public bool IsUnknown => Result is null;
}
