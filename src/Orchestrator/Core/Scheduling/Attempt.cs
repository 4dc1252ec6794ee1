namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A try that an executor has: how to stop it, or to leave it to a successor.</summary>
internal sealed class Attempt(bool outlives) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _letGo = new();

    /// <summary>Whether it goes on when this scheduler is gone.</summary>
    public bool Outlives { get; } = outlives;

    public CancellationToken Token => _stop.Token;

    public CancellationToken LetGoToken => _letGo.Token;

    /// <summary>Asks the body to stop. Its callbacks run elsewhere, so the loop is not held up.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Asks the executor to forget it, and where it cannot go on without this scheduler, to stop it.</summary>
    public void LetGo() => _ = Outlives ? _letGo.CancelAsync() : _stop.CancelAsync();

    public void Dispose()
    {
        _stop.Dispose();
        _letGo.Dispose();
    }
}
