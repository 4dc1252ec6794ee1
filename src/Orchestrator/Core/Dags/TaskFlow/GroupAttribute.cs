namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Puts a task into a group.</summary>
/// <param name="id">The group, for example <c>etl</c> or <c>etl.load</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GroupAttribute(string id) : Attribute
{
    /// <summary>The group.</summary>
    public string Id { get; } = id;
}
