namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Orders a task after others whose values it does not take.</summary>
/// <param name="tasks">Tasks or groups; <c>nameof</c> of methods will do.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AfterAttribute(params string[] tasks) : Attribute
{
    /// <summary>Tasks or groups.</summary>
    public string[] Tasks { get; } = tasks;
}
