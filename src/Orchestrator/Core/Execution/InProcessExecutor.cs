namespace DataPlatform.Orchestrator.Execution;

/// <summary>Runs task bodies on this process's thread pool. The pools of the orchestrator limit how many at once.</summary>
public sealed class InProcessExecutor : IReturnsAtOnce
{
    /// <inheritdoc/>
    public string Name => "in-process";

    /// <inheritdoc/>
    public bool StartsAtOnce => true;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        return await invocation.RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
