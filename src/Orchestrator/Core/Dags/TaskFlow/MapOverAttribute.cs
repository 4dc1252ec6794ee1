namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Runs a task once for each item of lists other tasks return. Parameters that name no task take the item.</summary>
/// <param name="tasks">The tasks that return the lists; <c>nameof</c> of methods will do.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MapOverAttribute(params string[] tasks) : Attribute
{
    /// <summary>The tasks that return the lists.</summary>
    public string[] Tasks { get; } = tasks;

    /// <summary>How several lists become one. Of a product or zip each list may have a parameter of its own.</summary>
    public MapKind Kind { get; set; } = MapKind.Concat;

    /// <summary>The most instances.</summary>
    public int Max { get; set; } = DagLimits.DefaultMapLengthMax;
}
