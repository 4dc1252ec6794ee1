using DataPlatform.Orchestrator.Diagnostics;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// One notifier, which is outside code: it is told one event after the other, away from the loop, each for a bounded while. What waits is bounded,
/// so one that hangs costs a thread and this queue, and nobody else anything. Thread-safe.
/// </summary>
internal sealed partial class NotifierLane(INotifier notifier, TimeSpan limit, ILogger logger)
{
    /// <summary>Events that wait; older ones are dropped first.</summary>
    private const int LengthMax = 1_000;

    /// <summary>Of what is dropped, one in so many is logged.</summary>
    private const int DropsByLine = 1_000;

    private readonly ILogger _logger = logger;
    private readonly Queue<OrchestratorEvent> _waiting = [];
    private readonly Lock _gate = new();
    private bool _isTelling;
    private long _dropped;
    private Task _last = Task.CompletedTask;

    /// <summary>Puts an event in line.</summary>
    /// <returns>The work until nothing waits, where this call begins it; else nothing.</returns>
    public Task TellAsync(OrchestratorEvent happening, CancellationToken stop)
    {
        lock (_gate)
        {
            if (_waiting.Count >= LengthMax)
            {
                Drop(_waiting.Dequeue());
            }

            _waiting.Enqueue(happening);
            if (_isTelling)
            {
                return Task.CompletedTask;
            }

            _isTelling = true;
        }

        // A thread of its own: a notifier that blocks must not hold one of the pool.
        return Task.Factory.StartNew(() => DrainAsync(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    private async Task DrainAsync(CancellationToken stop)
    {
        while (TryNext(stop, out var happening))
        {
            if (await IsFreeAsync(stop).ConfigureAwait(false))
            {
                await NotifyAsync(happening, stop).ConfigureAwait(false);
            }
            else
            {
                Drop(happening);
            }
        }
    }

    private bool TryNext(CancellationToken stop, out OrchestratorEvent happening)
    {
        lock (_gate)
        {
            _isTelling = _waiting.TryDequeue(out happening!) && !stop.IsCancellationRequested;
            return _isTelling;
        }
    }

    /// <summary>Whether what it was told before has ended, or does within the limit.</summary>
    private async Task<bool> IsFreeAsync(CancellationToken stop)
    {
        if (!_last.IsCompleted)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(_last, Task.Delay(limit, TimeProvider.System, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
        }

        return _last.IsCompleted;
    }

    private async Task NotifyAsync(OrchestratorEvent happening, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            _last = notifier.NotifyAsync(happening, either.Token);
            await _last.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The engine stops.
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            LogSlow(notifier.GetType().Name, limit, happening.ToString());
        }
#pragma warning disable CA1031 // A notifier is outside code: its failure is logged and must not touch the run.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(happening.ToString(), exception);
        }
    }

    private void Drop(OrchestratorEvent happening)
    {
        var dropped = Interlocked.Increment(ref _dropped);
        if (dropped % DropsByLine == 1)
        {
            LogDropped(notifier.GetType().Name, dropped, happening.ToString());
        }
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Warning, Message = "A notifier failed on: {Happening}")]
    private partial void LogFailed(string happening, Exception exception);

    [LoggerMessage(EventId = 3043, Level = LogLevel.Error, Message = "{Notifier} took longer than {Limit} and was given up on: {Happening}")]
    private partial void LogSlow(string notifier, TimeSpan limit, string happening);

    [LoggerMessage(EventId = 3044, Level = LogLevel.Error, Message = "{Notifier} is too slow or hangs; {Dropped} events were not told to it, lastly: {Happening}")]
    private partial void LogDropped(string notifier, long dropped, string happening);
}
