using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator;

/// <summary>What only the test host sees.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Looks whether the loop has anything left to do.</summary>
    internal Task<QuietLook> LookQuietAsync(CancellationToken cancellationToken) =>
        _scheduler.AskAsync(_scheduler.LookQuiet, cancellationToken);

    /// <summary>Ended runs whose states are kept because a later run looks at them.</summary>
    internal Task<int> CountRememberedAsync(CancellationToken cancellationToken) =>
        _scheduler.AskAsync(() => _scheduler.RememberedRuns, cancellationToken);

    /// <summary>Is told of every event on the loop, in order. Before the start.</summary>
    internal void Listen(Action<Diagnostics.OrchestratorEvent> listener) => _scheduler.Listener = listener;

    /// <summary>Lets tries go that outlive the scheduler, and stops the others, as the end of a drain does; the loop goes on.</summary>
    internal void LetGo() => _scheduler.Post(_scheduler.StopAttempts);

    /// <summary>Ends the loop at once, as a kill would: what is not written is lost, and the claim is not given back.</summary>
    internal async Task AbandonAsync(CancellationToken cancellationToken)
    {
        _scheduler.Fail(new OrchestratorException(ErrorKind.Unavailable, "the scheduler was killed."));
        await StoppedAsync(cancellationToken).ConfigureAwait(false);
    }
}
