namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>A task that returns the names of the direct downstream tasks that go on: a <c>string</c> or a list of them.</summary>
public sealed class BranchAttribute : TaskAttribute;
