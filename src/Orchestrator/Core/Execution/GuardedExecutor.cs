namespace DataPlatform.Orchestrator.Execution;

/// <summary>An executor that somebody else wrote: what it says of itself is asked once, and it is called away from the loop, which a call that blocks
/// would hold up.</summary>
internal sealed class GuardedExecutor(IExecutor inner) : IExecutor
{
    public string Name { get; } = inner.Name;

    public bool StartsAtOnce { get; } = inner.StartsAtOnce;

    public bool Outlives { get; } = inner.Outlives;

    public bool KeepsLog { get; } = inner.KeepsLog;

    /// <summary>The executor as the loop may use it.</summary>
    public static IExecutor Of(IExecutor executor) => executor is IReturnsAtOnce ? executor : new GuardedExecutor(executor);

    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken) =>
        await Task.Run(() => inner.ExecuteAsync(invocation, cancellationToken).AsTask(), CancellationToken.None).ConfigureAwait(false);
}
