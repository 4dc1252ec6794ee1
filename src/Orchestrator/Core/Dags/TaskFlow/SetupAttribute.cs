namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Marks a task that prepares something a teardown task removes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SetupAttribute : Attribute;
