using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>Stands in for each executor that the DAGs name.</summary>
internal sealed class VirtualExecutor(string name, VirtualStage stage) : IReturnsAtOnce
{
    public string Name => name;

    public bool StartsAtOnce => true;

    public ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken) =>
        new(stage.Enter(invocation, cancellationToken));
}
