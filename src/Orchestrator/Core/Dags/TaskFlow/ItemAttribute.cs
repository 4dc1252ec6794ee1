namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Marks a parameter that takes the item of the mapping although it is named like a task.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ItemAttribute : Attribute;
