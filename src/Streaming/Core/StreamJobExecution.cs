using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming;

/// <summary>A running job.</summary>
/// <remarks>Thread-safe. Disposing it cancels what still runs; the last complete checkpoint is where the next start goes on.</remarks>
public sealed class StreamJobExecution : IAsyncDisposable
{
    private readonly JobAttempt _attempt;
    private readonly CancellationTokenRegistration _cancellation;

    internal StreamJobExecution(JobAttempt attempt, CancellationToken cancellationToken)
    {
        _attempt = attempt;
        Completion = CompleteAsync();
        _cancellation = cancellationToken.Register(static state => ((JobAttempt)state!).Cancel(), attempt);
    }

    /// <summary>
    /// Ends when all sources have ended, or the job was stopped, and all output has been committed.
    /// </summary>
    /// <exception cref="StreamJobException">An operator, a checkpoint or a commit failed; names the operator and the subtask.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled.</exception>
    public Task Completion { get; }

    /// <summary>The numbers of the job at this moment.</summary>
    public JobSnapshot Snapshot() => _attempt.Snapshot();

    /// <summary>Takes a checkpoint now.</summary>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>Its id, when it is complete and its output committed.</returns>
    /// <exception cref="StreamJobException">The job is ending.</exception>
    public Task<long> TriggerCheckpointAsync(CancellationToken cancellationToken = default) => OrEndedAsync(_attempt.Coordinator.TriggerAsync(stop: false), cancellationToken);

    /// <summary>Stops in order: sources deliver no more, a last checkpoint is taken and its output committed.</summary>
    /// <param name="drain">
    /// Whether event time ends, so that all windows fire. A drained job should not be started again with the same state, for its windows have
    /// been given out unfinished. False keeps them for the next start.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the job still stops.</param>
    public async Task StopAsync(bool drain = false, CancellationToken cancellationToken = default)
    {
        if (drain)
        {
            _attempt.Drain();
        }
        else
        {
            _ = await OrEndedAsync(_attempt.Coordinator.TriggerAsync(stop: true), cancellationToken).ConfigureAwait(false);
        }

        await Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _cancellation.DisposeAsync().ConfigureAwait(false);
        _attempt.Cancel();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CompleteAsync()
    {
        try
        {
            await _attempt.Ended.ConfigureAwait(false);
        }
        finally
        {
            await _attempt.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<long> OrEndedAsync(Task<long> checkpoint, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(checkpoint, _attempt.Ended).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (first != checkpoint)
        {
            await _attempt.Ended.ConfigureAwait(false);
        }

        return await checkpoint.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
