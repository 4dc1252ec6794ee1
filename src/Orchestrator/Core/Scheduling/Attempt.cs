namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A try that an executor has: how to stop it.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken Token => _stop.Token;

    /// <summary>Asks the body to stop. Its callbacks run elsewhere, so the loop is not held up.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();
}
