namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Stopping: let tasks finish for a while, then cancel them and write that they will be tried again.</summary>
internal sealed partial class Scheduler
{
    private TaskCompletionSource? _drained;

    /// <summary>Returns when no executor has a try of this scheduler, or the grace of cancelled ones is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (await TryBeginDrainAsync(cancellationToken).ConfigureAwait(false) is not { } drained)
        {
            return;
        }

        if (_options.DrainTimeout > TimeSpan.Zero && await EndsWithinAsync(drained, _options.DrainTimeout, cancellationToken)
            .ConfigureAwait(false))
        {
            return;
        }

        Post(StopAttempts);
        await EndsWithinAsync(drained, _options.CancellationGrace + TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null when the loop has failed: then it has stopped already, and said why to those who waited.</summary>
    private async Task<Task?> TryBeginDrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(BeginDrain, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestratorException) when (Fault is not null)
        {
            return null;
        }
    }

    private Task BeginDrain()
    {
        _isDraining = true;
        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TellDrained();
        return _drained.Task;
    }

    /// <summary>At the end of each step while draining.</summary>
    private void TellDrained()
    {
        if (_isDraining && _attempts.Count == 0)
        {
            _drained?.TrySetResult();
        }
    }

    private async Task<bool> EndsWithinAsync(Task drained, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(limit, _time, waiting.Token);
        var first = await Task.WhenAny(drained, delay).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        return first == drained;
    }
}
