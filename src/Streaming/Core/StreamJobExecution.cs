using DataPlatform.Kernel;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming;

/// <summary>A running job: one attempt after the other, as its restart strategy says.</summary>
/// <remarks>Thread-safe. Disposing it cancels what still runs; the last complete checkpoint is where the next start goes on.</remarks>
public sealed class StreamJobExecution : IAsyncDisposable
{
    private readonly StreamJob _job;
    private readonly IJobScheduler _scheduler;
    private readonly StreamJobStart _start;
    private readonly List<DateTimeOffset> _failures = [];
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenRegistration _registration;
    private JobAttempt _attempt;
    private bool _hasCompleted;
    private int _disposed;

    internal StreamJobExecution(StreamJob job, IJobScheduler scheduler, StreamJobStart start, JobAttempt attempt, CancellationToken cancellationToken)
    {
        _job = job;
        _scheduler = scheduler;
        _start = start;
        _attempt = attempt;
        Completion = RunAsync();
        _registration = cancellationToken.Register(static state => ((StreamJobExecution)state!).Cancel(), this);
    }

    /// <summary>
    /// Ends when all sources have ended, or the job was stopped, and all output has been committed; or with the failure after which no further
    /// attempt was made.
    /// </summary>
    /// <exception cref="StreamJobException">An operator, a checkpoint or a commit failed; names the operator and the subtask.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled.</exception>
    public Task Completion { get; }

    /// <summary>How many attempts have failed and were followed by another.</summary>
    public int Restarts { get; private set; }

    /// <summary>The failure of the attempt before the one that runs; null when none has failed.</summary>
    public Exception? LastFailure { get; private set; }

    private JobAttempt Attempt => Volatile.Read(ref _attempt);

    /// <summary>The numbers of the job at this moment.</summary>
    public JobSnapshot Snapshot() => Attempt.Snapshot();

    /// <summary>
    /// Says why event time is where it is at an operator, and so why its windows have not fired: which inputs hold it back, and which splits of
    /// which sources behind them, silent since when.
    /// </summary>
    /// <param name="operatorName">The operator.</param>
    /// <exception cref="ArgumentException">There is no such operator.</exception>
    public WatermarkExplanation ExplainWatermark(string operatorName) => Attempt.Explain(operatorName);

    /// <summary>Takes a checkpoint now.</summary>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>Its id, when it is complete and its output committed.</returns>
    /// <exception cref="StreamJobException">The job is ending, or the checkpoint failed.</exception>
    public Task<long> TriggerCheckpointAsync(CancellationToken cancellationToken = default) => OrEndedAsync(static a => a.Coordinator.TriggerAsync(), cancellationToken);

    /// <summary>Takes a savepoint now: state that stands alone, and that nothing but its disposal removes.</summary>
    /// <param name="name">Its name, not taken yet: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, not beginning with <c>.</c>.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>The id of the checkpoint that it is, when it is complete and its output committed.</returns>
    /// <exception cref="StreamJobException">The name is taken, the job is ending, or the savepoint failed.</exception>
    public async Task<long> TriggerSavepointAsync(string name, CancellationToken cancellationToken = default)
    {
        await _job.Savepoints.CheckFreeAsync(name, cancellationToken).ConfigureAwait(false);
        return await OrEndedAsync(a => a.Coordinator.TriggerAsync(savepoint: name), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops in order: sources deliver no more, a last checkpoint is taken and its output committed.</summary>
    /// <param name="drain">
    /// Whether event time ends, so that all windows fire. A drained job should not be started again with the same state, for its windows have
    /// been given out unfinished. False keeps them for the next start.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the job still stops.</param>
    public Task StopAsync(bool drain = false, CancellationToken cancellationToken = default) => EndAsync(null, drain, cancellationToken);

    /// <summary>Stops in order, as <see cref="StopAsync"/> does, with a savepoint as the last checkpoint. Its output is committed when this returns.</summary>
    /// <param name="name">The savepoint's name, not taken yet.</param>
    /// <param name="drain">Whether event time ends, so that all windows fire.</param>
    /// <param name="cancellationToken">Stops waiting; the job still stops.</param>
    /// <returns>The id of the checkpoint that the savepoint is.</returns>
    /// <exception cref="StreamJobException">The name is taken, the job is ending already, or the savepoint failed.</exception>
    public async Task<long> StopWithSavepointAsync(string name, bool drain = false, CancellationToken cancellationToken = default)
    {
        await _job.Savepoints.CheckFreeAsync(name, cancellationToken).ConfigureAwait(false);
        return await EndAsync(name, drain, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _registration.DisposeAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Cancel();
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _cancellation.Dispose();
        }
    }

    private void Cancel()
    {
        _cancellation.Cancel();
        Attempt.Cancel();
    }

    private async Task<long> EndAsync(string? savepoint, bool drain, CancellationToken cancellationToken)
    {
        long id = 0;
        if (drain)
        {
            var taken = savepoint is null ? null : Attempt.Coordinator.EndWithAsync(savepoint);
            Attempt.Drain();
            id = taken is null ? 0 : await OrEndedAsync(_ => taken, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            id = await OrEndedAsync(a => a.Coordinator.TriggerAsync(stop: true, savepoint), cancellationToken).ConfigureAwait(false);
        }

        await Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        return id;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await EndAsync(Attempt).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (MayRestart(failure))
            {
                await RestartAsync(failure).ConfigureAwait(false);
            }
        }
    }

    private static async Task EndAsync(JobAttempt attempt)
    {
        try
        {
            await attempt.Ended.ConfigureAwait(false);
        }
        finally
        {
            await attempt.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A conflict means that another instance has taken over, which must not be disturbed.</summary>
    private bool MayRestart(Exception failure)
        => !_cancellation.IsCancellationRequested && failure is not OperationCanceledException and not StreamJobException { Kind: ErrorKind.Conflict };

    /// <summary>Waits and starts again, as often as the strategy lets it; throws the failure when it does not.</summary>
    private async Task RestartAsync(Exception failure)
    {
        while (true)
        {
            _failures.Add(_job.Options.Time.GetUtcNow());

            // What chance decides is a function of how many failures there were, so that a simulation replays.
            if (_job.Options.RestartStrategy.Decide(_failures, new Random(_failures.Count).NextDouble()) is not { } delay)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                return;
            }

            LastFailure = failure;
            await DelayAsync(delay).ConfigureAwait(false);
            try
            {
                Volatile.Write(ref _attempt, await JobAttempt.StartAsync(_job, _scheduler, NextStart(), _cancellation.Token).ConfigureAwait(false));
                Restarts++;
                StreamingInstruments.Restarted(_job.Name);
                if (_cancellation.IsCancellationRequested)
                {
                    Attempt.Cancel();
                }

                return;
            }
            catch (Exception again) when (MayRestart(again) && again is not StreamJobException { Kind: ErrorKind.Invalid or ErrorKind.Corrupt })
            {
                failure = again;
            }
        }
    }

    /// <summary>As long as the job has completed no checkpoint of its own, it begins where it was told to.</summary>
    private StreamJobStart NextStart() => Attempt.Coordinator.Last is null && !_hasCompleted ? _start : new StreamJobStart();

    private async Task DelayAsync(TimeSpan delay)
    {
        _hasCompleted |= Attempt.Coordinator.Last is not null;
        var over = new TaskCompletionSource();
        using var cancelled = _cancellation.Token.Register(() => over.TrySetCanceled(_cancellation.Token));
        var timer = _job.Options.Time.CreateTimer(
            _ => _scheduler.RunBackground(() =>
            {
                over.TrySetResult();
                return Task.CompletedTask;
            }),
            null,
            delay,
            Timeout.InfiniteTimeSpan);
        await using (timer.ConfigureAwait(false))
        {
            await over.Task.ConfigureAwait(false);
        }
    }

    private async Task<long> OrEndedAsync(Func<JobAttempt, Task<long>> ask, CancellationToken cancellationToken)
    {
        var attempt = Attempt;
        var asked = ask(attempt);
        var first = await Task.WhenAny(asked, attempt.Ended).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (first != asked)
        {
            await attempt.Ended.ConfigureAwait(false);
        }

        return await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
