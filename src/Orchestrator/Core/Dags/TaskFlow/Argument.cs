using System.Reflection;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Where the value of a method's parameter comes from.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Read">Gives the value for a try.</param>
internal sealed record Argument(ParameterInfo Parameter, Func<TaskContext, CancellationToken, object?> Read)
{
    /// <summary>The value of a task that it takes; null for others.</summary>
    public TaskInput? Input { get; init; }

    /// <summary>Whether it takes an item of the mapping.</summary>
    public bool IsItem { get; init; }

    /// <summary>The parameter of the run that it takes; null for others.</summary>
    public DagParam? Param { get; init; }
}
