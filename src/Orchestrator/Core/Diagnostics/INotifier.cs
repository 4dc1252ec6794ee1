namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Is told what happened, after it was stored. Implementations are thread-safe.</summary>
public interface INotifier
{
    /// <summary>Tells it. An exception is logged and changes nothing.</summary>
    /// <param name="happening">What happened.</param>
    /// <param name="cancellationToken">Set when the engine stops.</param>
    Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken);
}
