namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Names the task whose value a parameter takes, where the parameter has another name.</summary>
/// <param name="task">The task; <c>nameof</c> of its method will do.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromAttribute(string task) : Attribute
{
    /// <summary>The task.</summary>
    public string Task { get; } = task;

    /// <summary>The value's name; its return value by default.</summary>
    public string Key { get; set; } = Execution.TaskContext.ReturnKey;
}
