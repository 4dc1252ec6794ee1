using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Tells another notifier one event after the other, with retries, so that a slow or absent receiver holds nothing up and costs bounded
/// memory.</summary>
/// <remarks>Thread-safe. Events are kept in memory: those that wait when the process ends are not told; <see cref="DisposeAsync"/> gives the one
/// being told a moment, no more.</remarks>
public sealed partial class QueuedNotifier : INotifier, IAsyncDisposable
{
    private readonly INotifier _inner;
    private readonly QueuedNotifierOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<OrchestratorEvent> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _telling;
    private long _dropped;
    private int _isDisposed;

    /// <summary>Makes a queue before a notifier and begins to tell.</summary>
    /// <param name="inner">Whom to tell; it stays the caller's.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="time">The clock of the waits; null for the system's.</param>
    /// <param name="logger">Where what was dropped is logged; null for nowhere.</param>
    public QueuedNotifier(INotifier inner, QueuedNotifierOptions? options = null, TimeProvider? time = null, ILogger<QueuedNotifier>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _options = options ?? new QueuedNotifierOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.LengthMax, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.RetriesMax, nameof(options));
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<QueuedNotifier>.Instance;
        _queue = Channel.CreateBounded<OrchestratorEvent>(
            new BoundedChannelOptions(_options.LengthMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, OnFull);
        _telling = Task.Run(TellAllAsync);
    }

    /// <summary>Events that were dropped: the queue was full, or the retries were used up.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Events that wait.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <inheritdoc/>
    public Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(happening);
        _queue.Writer.TryWrite(happening);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _telling.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task TellAllAsync()
    {
        try
        {
            await foreach (var happening in _queue.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await TellAsync(happening).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task TellAsync(OrchestratorEvent happening)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await _inner.NotifyAsync(happening, _stop.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // The notifier is outside code: whatever it throws means that the event was not told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (failures > _options.RetriesMax || exception is DataPlatformException { Kind: ErrorKind.Invalid })
                {
                    Interlocked.Increment(ref _dropped);
                    LogGivenUp(failures, happening.ToString(), exception);
                    return;
                }

                var draw = RetryDelay.Draw(happening.DagId, happening.TaskId ?? string.Empty, happening.At, failures, seed: 0);
                await Task.Delay(RetryDelay.Of(_options.Backoff, failures, draw), _time, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    private void OnFull(OrchestratorEvent oldest)
    {
        Interlocked.Increment(ref _dropped);
        LogFull(_options.LengthMax, oldest.ToString());
    }

    [LoggerMessage(EventId = 3041, Level = LogLevel.Error, Message = "Given up after {Failures} failures to tell: {Happening}")]
    private partial void LogGivenUp(int failures, string happening, Exception exception);

    [LoggerMessage(EventId = 3042, Level = LogLevel.Error, Message = "{LengthMax} events wait to be told; not told: {Happening}")]
    private partial void LogFull(int lengthMax, string happening);
}
