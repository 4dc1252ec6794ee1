namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Wakes all who wait, at once. Thread-safe. A wait that comes after a pulse waits for the next one.</summary>
internal sealed class Pulse
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Completes at the next pulse; taken before looking, so that a pulse between looking and waiting is not missed.</summary>
    public Task Next => _next.Task;

    public void Beat() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Waits for a pulse taken before, but no longer than a while.</summary>
    public static async Task WaitAsync(Task next, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(limit, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Signals can be lost: time to look.
        }
    }

    /// <summary>Looks now, at each pulse, and by itself after a while without one, until cancelled; what a look throws ends it, but for the cancelling.</summary>
    public async Task LookEachAsync(Func<CancellationToken, Task> look, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var next = Next;
                await look(cancellationToken).ConfigureAwait(false);
                await WaitAsync(next, limit, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine stops; what was not seen is seen by the next one.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
