using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Has tries run by <see cref="RemoteWorker"/>s in other processes, which pull them from a table.</summary>
/// <remarks>
/// Thread-safe. A try outlives its scheduler: the one that comes after takes it up where it is. It is started by the worker that claims its row,
/// once; a worker that was silent for too long loses it, and what such a worker still reports is refused.
/// </remarks>
public sealed partial class RemoteExecutor : IExecutor, IAsyncDisposable
{
    /// <summary>Tries written to the queue in one statement.</summary>
    private const int BatchMax = 512;

    private readonly Database _database;
    private readonly Signals _signals;
    private readonly RemoteExecutorOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<RemoteKey, Watch> _watches = new();
    private readonly Channel<RemoteKey> _toQueue = Channel.CreateUnbounded<RemoteKey>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _look = new(0, 1);
    private readonly Task _work;

    /// <summary>Begins to watch the queue.</summary>
    /// <param name="store">The engine's store; it stays the caller's, and must outlive the executor.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    public RemoteExecutor(PostgresOrchestratorStore store, RemoteExecutorOptions? options = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_database, _signals, _options) = (store.Database, store.Signals, options ?? new RemoteExecutorOptions());
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("DataPlatform.Orchestrator");
        _work = Task.WhenAll(
            Task.Run(() => QueueAsync(_stop.Token)),
            Task.Run(() => WatchAsync(_stop.Token)),
            Task.Run(() => SweepAsync(_stop.Token)),
            Task.Run(() => ListenAsync(_stop.Token)));
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public bool Outlives => true;

    /// <inheritdoc/>
    public bool KeepsLog => true;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        var hosted = invocation.ToHosted();
        var key = new RemoteKey(hosted.Instance.Key, hosted.Instance.Epoch);
        var watch = new Watch(invocation, JsonSerializer.Serialize(hosted, JsonSerializerOptions.Web));
        _watches[key] = watch;
        try
        {
            await _toQueue.Writer.WriteAsync(key, CancellationToken.None).ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, invocation.LetGo);
            return await watch.Ended.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (invocation.LetGo.IsCancellationRequested)
        {
            return TaskOutcome.Infrastructure("left to the scheduler that comes after");
        }
        catch (OperationCanceledException)
        {
            await CancelAsync(key).ConfigureAwait(false);
            return new TaskOutcome(TaskOutcomeKind.Cancelled, "cancelled");
        }
        finally
        {
            _watches.TryRemove(new KeyValuePair<RemoteKey, Watch>(key, watch));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stop.Dispose();
        _look.Dispose();
    }

    /// <summary>Writes tries to the queue, all that have arrived at once.</summary>
    private Task QueueAsync(CancellationToken cancellationToken) => LoopAsync(
        async token =>
        {
            await _toQueue.Reader.WaitToReadAsync(token).ConfigureAwait(false);
            var keys = new List<RemoteKey>();
            while (keys.Count < BatchMax && _toQueue.Reader.TryRead(out var key))
            {
                keys.Add(key);
            }

            var rows = keys.Distinct().Select(key => (Key: key, Watch: _watches.GetValueOrDefault(key))).Where(row => row.Watch is not null).ToList();
            try
            {
                await InsertAsync(rows!, token).ConfigureAwait(false);
            }
            catch (OrchestratorStoreException)
            {
                // They are still to be queued.
                keys.ForEach(key => _toQueue.Writer.TryWrite(key));
                throw;
            }

            _signals.Send(FleetSignal.RemoteWork);
            Look();
        },
        cancellationToken);

    private async Task InsertAsync(IReadOnlyList<(RemoteKey Key, Watch Watch)> rows, CancellationToken cancellationToken)
    {
        const string Sql =
            "INSERT INTO remote_try (run_id, task_no, map_index, epoch, dag_id, queue, priority, needs_code, payload) " +
            "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::boolean[], " +
            "$9::text[]) ON CONFLICT DO NOTHING";
        var values = RemoteKey.Values(
            [.. rows.Select(row => row.Key)],
            rows.Select(row => row.Watch.Invocation.Run.DagId).ToArray(),
            rows.Select(row => row.Watch.Invocation.Task.Queue ?? _options.Queue).ToArray(),
            rows.Select(row => (long)row.Watch.Invocation.Task.Priority).ToArray(),
            rows.Select(row => row.Watch.Invocation.Task.Body is not CommandBody).ToArray(),
            rows.Select(row => row.Watch.Payload).ToArray());
        await _database.WriteAsync(
            async (connection, token) =>
            {
                await Database.ScalarAsync(connection, Sql, token, values).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks how far the tries of this engine are.</summary>
    private Task WatchAsync(CancellationToken cancellationToken) => LoopAsync(
        async token =>
        {
            await _look.WaitAsync(_options.LookEvery, token).ConfigureAwait(false);

            // The more there is to look at, the more signals one look answers.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(100, _watches.Count / 50)), TimeProvider.System, token).ConfigureAwait(false);
            foreach (var keys in _watches.Keys.Chunk(BatchMax * 4))
            {
                foreach (var (key, outcome) in await ProgressAsync(keys, token).ConfigureAwait(false))
                {
                    if (_watches.TryGetValue(key, out var watch))
                    {
                        watch.Take(outcome);
                    }
                }
            }
        },
        cancellationToken);

    private Task<List<(RemoteKey Key, string? Outcome)>> ProgressAsync(RemoteKey[] keys, CancellationToken cancellationToken)
    {
        const string Sql = $"SELECT {RemoteKey.Columns}, r.outcome FROM {RemoteKey.Arrays} JOIN remote_try r ON {RemoteKey.Matches} WHERE r.state > 0";
        return _database.WriteAsync(
            (connection, token) => Database.RowsAsync(
                connection, Sql, row => (RemoteKey.Read(row), row.IsDBNull(4) ? null : row.GetString(4)), token, RemoteKey.Values(keys)),
            cancellationToken);
    }

    private async Task CancelAsync(RemoteKey key)
    {
        const string Sql = $"UPDATE remote_try r SET is_cancelled = true FROM {RemoteKey.Arrays} WHERE {RemoteKey.Matches}";
        try
        {
            await _database.WriteAsync(
                (connection, token) => Database.ScalarAsync(connection, Sql, token, RemoteKey.Values([key])), CancellationToken.None)
                .ConfigureAwait(false);
            _signals.Send(FleetSignal.RemoteWork);
        }
        catch (OrchestratorStoreException exception)
        {
            // The sweep of any scheduler finds it.
            LogTrouble(exception);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var signal in _signals.FollowAsync(cancellationToken).ConfigureAwait(false))
            {
                if ((signal & FleetSignal.RemoteProgress) != 0)
                {
                    Look();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is disposed of.
        }
    }

    private void Look()
    {
        try
        {
            _look.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to look.
        }
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
                LogTrouble(exception);
                await Task.Delay(_options.LookEvery, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(EventId = 3110, Level = LogLevel.Warning, Message = "The queue of remote workers did not answer; it is tried again")]
    private partial void LogTrouble(Exception exception);

    [LoggerMessage(EventId = 3111, Level = LogLevel.Warning, Message = "{Tries} tries are lost with workers that are silent for {Timeout}")]
    private partial void LogZombies(long tries, TimeSpan timeout);

    /// <summary>A try of this engine that is in the queue.</summary>
    private sealed class Watch(TaskInvocation invocation, string payload)
    {
        private int _hasStarted;

        public TaskInvocation Invocation { get; } = invocation;

        public string Payload { get; } = payload;

        public TaskCompletionSource<TaskOutcome> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Take(string? outcome)
        {
            if (Interlocked.Exchange(ref _hasStarted, 1) == 0)
            {
                Invocation.ReportStarted();
            }

            if (outcome is not null)
            {
                Ended.TrySetResult(RemoteOutcome.Read(outcome));
            }
        }
    }
}
