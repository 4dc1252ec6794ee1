namespace DataPlatform.Orchestrator.Dags;

/// <summary>One thing that is wrong with a definition.</summary>
/// <param name="Place">Where: a task's id, <c>Class.Method</c>, or null for the DAG as a whole.</param>
/// <param name="Message">What is wrong, naming what would be right.</param>
public sealed record DagProblem(string? Place, string Message);
