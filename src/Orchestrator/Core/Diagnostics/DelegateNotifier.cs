namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Calls a function for each event: the way to write a callback in place.</summary>
/// <param name="notify">The function.</param>
public sealed class DelegateNotifier(Func<OrchestratorEvent, CancellationToken, Task> notify) : INotifier
{
    /// <inheritdoc/>
    public Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken) => notify(happening, cancellationToken);
}
