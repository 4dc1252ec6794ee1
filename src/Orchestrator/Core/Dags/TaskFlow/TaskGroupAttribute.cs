namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Says more of a group than its name: what it comes after, and what it is mapped over.</summary>
/// <param name="id">The group.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class TaskGroupAttribute(string id) : Attribute
{
    /// <summary>The group.</summary>
    public string Id { get; } = id;

    /// <summary>Tasks or groups before its first tasks.</summary>
    public string[] After { get; set; } = [];

    /// <summary>Tasks whose lists the group is mapped over; none for a plain group.</summary>
    public string[] MapOver { get; set; } = [];

    /// <summary>How several lists become one.</summary>
    public MapKind Kind { get; set; } = MapKind.Concat;

    /// <summary>The most items.</summary>
    public int Max { get; set; } = DagLimits.DefaultMapLengthMax;
}
