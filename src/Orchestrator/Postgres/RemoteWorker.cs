using System.Collections.Concurrent;
using System.Threading.Channels;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Runs tries that <see cref="RemoteExecutor"/>s queued, in this process.</summary>
/// <remarks>
/// Thread-safe. It pulls as many tries as it has slots free, says once in a while for all of them together that it lives, and reports how they
/// ended. One that cannot say so stops its tries after two thirds of the time-out, before schedulers start them elsewhere; a try that was taken
/// from it is stopped too, and what it would report is refused.
/// </remarks>
public sealed partial class RemoteWorker : IAsyncDisposable
{
    private const int EndsMax = 256;

    private readonly PostgresOrchestratorStore _store;
    private readonly RemoteQueue _queue;
    private readonly TryHost _host;
    private readonly RemoteWorkerOptions _options;
    private readonly ILogger _logger;
    private readonly RemoteXComs _values;
    private readonly ConcurrentDictionary<RemoteKey, CancellationTokenSource> _running = new();
    private readonly ConcurrentDictionary<string, string> _models = new(StringComparer.Ordinal);
    private readonly Channel<(RemoteKey Key, TaskOutcome Outcome)> _ends =
        Channel.CreateUnbounded<(RemoteKey, TaskOutcome)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _stopTaking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Task _taking = Task.CompletedTask;
    private Task _work = Task.CompletedTask;
    private long _id;
    private long _beatAt;
    private int _state;

    /// <summary>Makes a worker; it takes nothing before <see cref="StartAsync"/>.</summary>
    /// <param name="store">The store of the schedulers; it stays the caller's.</param>
    /// <param name="host">What runs tries, with the code of the DAGs it was given; null for one that runs commands only.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    public RemoteWorker(
        PostgresOrchestratorStore store, TryHost? host = null, RemoteWorkerOptions? options = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _options = options ?? new RemoteWorkerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Slots, 1, nameof(options));
        (_store, _queue, _values) = (store, new RemoteQueue(store.Database), new RemoteXComs(store.Database));
        _host = host ?? new TryHost(loggers: loggers);
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("DataPlatform.Orchestrator");
    }

    /// <summary>Tries that run here now.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Begins to take tries.</summary>
    /// <param name="cancellationToken">Gives up; the worker has then not started.</param>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
        {
            throw new InvalidOperationException("A worker is started once.");
        }

        _id = await _queue.EnterAsync(_options, cancellationToken).ConfigureAwait(false);
        _beatAt = TimeProvider.System.GetTimestamp();
        LogStarted(_id, _options.Name, _options.Slots);
        _taking = Task.Run(() => LoopAsync(TakeAsync, _stopTaking.Token), CancellationToken.None);
        _work = Task.WhenAll(
            Task.Run(() => LoopAsync(BeatAsync, _stop.Token), CancellationToken.None),
            Task.Run(() => LoopAsync(ReportAsync, _stop.Token), CancellationToken.None),
            Task.Run(() => ListenAsync(_stop.Token), CancellationToken.None));
    }

    /// <summary>Takes no more, lets tries finish for a while, cancels the rest and reports them; they are tried again elsewhere.</summary>
    /// <param name="cancellationToken">Gives up waiting for tries.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 2, 1) != 1)
        {
            return;
        }

        await _stopTaking.CancelAsync().ConfigureAwait(false);
        await _taking.ConfigureAwait(false);
        if (!await IsIdleWithinAsync(_options.DrainTimeout, cancellationToken).ConfigureAwait(false))
        {
            Cancel(_running.Keys);
            await IsIdleWithinAsync(TimeSpan.FromSeconds(15), cancellationToken).ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        await _queue.LeaveAsync(_id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopTaking.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        var free = _options.Slots - _running.Count;
        if (free > 0)
        {
            var taken = await _queue.ClaimAsync(_id, _options.Queues, _host.DagIds, free, cancellationToken).ConfigureAwait(false);
            foreach (var (key, hosted) in taken)
            {
                var stop = new CancellationTokenSource();
                _running[key] = stop;
                _ = Task.Run(() => RunAsync(key, hosted, stop), CancellationToken.None);
            }

            if (taken.Count > 0)
            {
                _store.Signals.Send(FleetSignal.RemoteProgress);
                return;
            }
        }

        await _wake.WaitAsync(_options.LookEvery, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(RemoteKey key, HostedTry hosted, CancellationTokenSource stop)
    {
        TaskOutcome outcome;
        try
        {
            var run = await _store.FindRunAsync(key.Task.RunId, stop.Token).ConfigureAwait(false);
            outcome = run is null
                ? TaskOutcome.Infrastructure($"there is no run {key.Task.RunId}.")
                : await _host.RunAsync(run, await ModelAsync(run.DagHash, stop.Token).ConfigureAwait(false), hosted, _values, stop.Token)
                    .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever goes wrong outside the body lost the try; it is reported as that.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = TaskOutcome.Infrastructure($"worker {_options.Name}: {exception.Message}");
        }

        await _ends.Writer.WriteAsync((key, outcome), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<string> ModelAsync(string hash, CancellationToken cancellationToken)
    {
        if (!_models.TryGetValue(hash, out var model))
        {
            model = await _store.FindModelAsync(hash, cancellationToken).ConfigureAwait(false)
                ?? throw new OrchestratorStoreException(Kernel.ErrorKind.Invalid, $"the store has no DAG version {hash}.");
            _models[hash] = model;
        }

        return model;
    }

    /// <summary>Reports what has ended, together. A try that ended counts as running until that is known to the store.</summary>
    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        await _ends.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        var ends = new List<(RemoteKey Key, TaskOutcome Outcome)>();
        while (ends.Count < EndsMax && _ends.Reader.TryRead(out var end))
        {
            ends.Add(end);
        }

        try
        {
            await _queue.EndAsync(_id, ends, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OrchestratorStoreException)
        {
            // They are still to be reported, unless the time-out takes them away first.
            ends.ForEach(end => _ends.Writer.TryWrite(end));
            throw;
        }

        foreach (var (key, _) in ends)
        {
            _running.TryRemove(key, out _);
        }

        _store.Signals.Send(FleetSignal.RemoteProgress);
        Wake();
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_options.Timeout / 5, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        var keys = _running.Keys.ToArray();
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var own = await _queue.BeatAsync(_id, keys, cancellationToken).ConfigureAwait(false);
            _beatAt = began;
            Cancel(own.Where(row => row.IsCancelled).Select(row => row.Key));
            Cancel(keys.Except(own.Select(row => row.Key)));
        }
        catch (OrchestratorStoreException exception)
        {
            LogSilent(exception);
            if (TimeProvider.System.GetElapsedTime(_beatAt) > _options.Timeout * 2 / 3)
            {
                // When the time-out is over schedulers start these elsewhere.
                Cancel(keys);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var signal in _store.Signals.FollowAsync(cancellationToken).ConfigureAwait(false))
            {
                if ((signal & FleetSignal.RemoteWork) != 0)
                {
                    Wake();
                    await LookForCancelledAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is stopped.
        }
    }

    private async Task LookForCancelledAsync(CancellationToken cancellationToken)
    {
        if (_running.IsEmpty)
        {
            return;
        }

        try
        {
            Cancel(await _queue.CancelledAsync(_id, cancellationToken).ConfigureAwait(false));
        }
        catch (OrchestratorStoreException exception)
        {
            // The next heartbeat tells too.
            LogSilent(exception);
        }
    }

    private void Cancel(IEnumerable<RemoteKey> keys)
    {
        foreach (var key in keys)
        {
            if (_running.TryGetValue(key, out var stop))
            {
                _ = stop.CancelAsync();
            }
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task<bool> IsIdleWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!_running.IsEmpty && TimeProvider.System.GetElapsedTime(began) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return _running.IsEmpty;
    }

    private async Task LoopAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await step(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (OrchestratorStoreException exception)
            {
                LogSilent(exception);
                await Task.Delay(_options.LookEvery, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(EventId = 3120, Level = LogLevel.Information, Message = "Worker {Id} ({Name}) takes up to {Slots} tries")]
    private partial void LogStarted(long id, string name, int slots);

    [LoggerMessage(EventId = 3121, Level = LogLevel.Warning, Message = "The queue did not answer; it is tried again")]
    private partial void LogSilent(Exception exception);
}
