namespace DataPlatform.Orchestrator.Dags;

/// <summary>A value of an upstream task that a task takes.</summary>
/// <param name="TaskId">The task that gives it.</param>
/// <param name="Key">The value's name.</param>
/// <param name="Type">What it is read as.</param>
/// <param name="IsAll">True: the list of what all instances of a mapped task gave, by index.</param>
/// <param name="IsOptional">True: where the task gave none, the default of the type is taken. False: the task that takes it then
/// fails.</param>
public sealed record TaskInput(string TaskId, string Key, Type Type, bool IsAll = false, bool IsOptional = false)
{
    /// <summary>The task's name as it stood in the definition, where groups gave it a longer one.</summary>
    internal string? WrittenAs { get; init; }
}
