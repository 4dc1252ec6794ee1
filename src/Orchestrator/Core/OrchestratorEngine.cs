using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator;

/// <summary>Runs DAGs: by timetable, by new dataset versions and on request, with its state in a store.</summary>
/// <remarks>
/// Thread-safe. One instance is one scheduler; it may be started once. After a crash a new instance on the same store goes on where the old
/// one stood: tasks that ran are tried again with a higher <see cref="TaskContext.Epoch"/>. On a store with a
/// <see cref="IOrchestratorStore.Fleet"/> several work at once, each for a share of the DAGs; whichever is asked, the one that owns the DAG
/// does it.
/// </remarks>
public sealed partial class OrchestratorEngine : IAsyncDisposable
{
    private readonly Dag[] _dags;
    private readonly Dictionary<string, Dag> _byId;
    private readonly IOrchestratorStore _store;
    private readonly OrchestratorOptions _options;
    private readonly IDatasetFeed? _feed;
    private readonly TimeProvider _time;
    private readonly Scheduler _scheduler;
    private readonly ILogger _logger;
    private readonly CommandSender? _sender;
    private readonly Pulse _wake = new();
    private readonly Pulse _answered = new();
    private readonly Pulse _updated = new();
    private readonly SharedLook<DagRun?> _ended;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _listenStop = new();
    private Task _loop = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;
    private Task _keeping = Task.CompletedTask;
    private int _state;
    private bool _isLooping;

    /// <summary>Makes an engine; nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="store">Where its state is kept. It is the caller's to dispose.</param>
    /// <param name="dags">The DAGs it runs.</param>
    /// <param name="executor">What runs tasks; null for an <see cref="InProcessExecutor"/>.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="feed">Where dataset versions are announced; null when no DAG waits for one.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="moreExecutors">Executors that tasks may choose by name, beside the first.</param>
    /// <exception cref="DagException">A DAG is registered twice, wants an executor that is not there, or more slots than its pool has.</exception>
    public OrchestratorEngine(
        IOrchestratorStore store,
        IEnumerable<Dag> dags,
        IExecutor? executor = null,
        OrchestratorOptions? options = null,
        IDatasetFeed? feed = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        IEnumerable<IExecutor>? moreExecutors = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(dags);
        _store = store;
        _dags = [.. dags];
        _options = options ?? new OrchestratorOptions();
        foreach (var (name, slots) in _options.Pools)
        {
            _pools[name] = slots;
        }

        foreach (var (name, description) in _options.PoolDescriptions)
        {
            CheckDescription(name, description);
        }

        _feed = feed;
        _time = time ?? TimeProvider.System;
        _logger = new GuardedLogger((loggers ?? NullLoggerFactory.Instance).CreateLogger("DataPlatform.Orchestrator"));
        _ended = new SharedLook<DagRun?>(store.FindEndedAsync, _answered);
        _sender = store.Commands is { } commands ? new CommandSender(commands, _answered) : null;
        IExecutor[] executors = [executor ?? new InProcessExecutor(), .. moreExecutors ?? []];
        _scheduler = new Scheduler(store, [.. executors.Select(GuardedExecutor.Of)], _options, _time, _logger);
        (_scheduler.Feed, _scheduler.TookUp) = (feed, _updated.Beat);
        _scheduler.Check(_dags, mayNameOthers: true);
        _byId = _dags.ToDictionary(dag => dag.Id, StringComparer.Ordinal);
    }

    /// <summary>The DAGs it runs.</summary>
    public IReadOnlyList<Dag> Dags => _dags;

    /// <summary>Where its state is kept.</summary>
    public IOrchestratorStore Store => _store;

    /// <summary>The logs of tries; null where <see cref="OrchestratorOptions.Logs"/> was not given.</summary>
    public Logs.TaskLogs? Logs => _options.Logs;

    /// <summary>Takes up what an earlier process left and begins to schedule.</summary>
    /// <param name="cancellationToken">Gives up; the engine has then not started.</param>
    /// <exception cref="OrchestratorStoreException">The store is held by another process or cannot be used.</exception>
    /// <exception cref="DagException">A DAG wants a pool that is neither configured nor in the store.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
        {
            throw new OrchestratorException(ErrorKind.Invalid, "an engine is started once.");
        }

        if (!_options.IsScheduler && _sender is null)
        {
            throw new OrchestratorException(
                ErrorKind.Invalid, "an engine that does not schedule needs a store that passes commands on: this one is of one process.");
        }

        await LoadPoolsAsync(cancellationToken).ConfigureAwait(false);
        _scheduler.Check(_dags);
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}";
        if (_options.IsScheduler && _store.Fleet is null)
        {
            await _scheduler.RecoverAsync(_dags, owner, cancellationToken).ConfigureAwait(false);
        }

        _isLooping = true;
        _loop = Task.Run(() => _scheduler.RunAsync(CancellationToken.None), CancellationToken.None);
        await KeepAsync(owner, cancellationToken).ConfigureAwait(false);
        var unknown = await ProbeAsync(_dags.SelectMany(dag => dag.Datasets?.Datasets ?? []).Distinct(), cancellationToken).ConfigureAwait(false);
        _listening = Task.WhenAll(
            Task.Run(() => ProbeAgainAsync(unknown, _listenStop.Token), CancellationToken.None),
            _feed is null ? Task.CompletedTask : Task.Run(() => ListenAsync(_feed, _listenStop.Token), CancellationToken.None));
    }

    /// <summary>Starts a run by hand.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">What its tasks read with <see cref="TaskContext.Conf{T}"/>; serialised as JSON. Null for nothing.</param>
    /// <param name="logicalDate">Its name in time; null for now.</param>
    /// <param name="idempotencyKey">Makes a repeated request give the same run; null for a new run each time.</param>
    /// <param name="cancellationToken">Stops waiting; the run may have been made.</param>
    /// <returns>The run's number, once it is stored.</returns>
    /// <exception cref="OrchestratorException">No such DAG, or the engine is not running.</exception>
    public async Task<long> TriggerAsync(
        string dagId, object? conf = null, DateTimeOffset? logicalDate = null, string? idempotencyKey = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dagId);
        var json = conf is null ? null : JsonSerializer.Serialize(conf, JsonSerializerOptions.Web);
        return await AskAsync<long>(
            new TriggerCommand(dagId, json, logicalDate?.ToUniversalTime(), idempotencyKey), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a run ends.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="OrchestratorException">No such run, or the engine stopped.</exception>
    public async Task<DagRun> WaitForRunAsync(long runId, CancellationToken cancellationToken = default)
    {
        var ended = await _scheduler.WhenEndedAsync(runId).WaitAsync(cancellationToken).ConfigureAwait(false)
            ?? (IsShared
                ? await _ended.WaitAsync(runId, cancellationToken).ConfigureAwait(false)
                : await _store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false));
        return ended ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId}.");
    }

    /// <summary>Pauses a DAG: no new runs, no new tasks; what runs goes on.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task PauseAsync(string dagId, CancellationToken cancellationToken = default) => SetPausedAsync(dagId, true, cancellationToken);

    /// <summary>Resumes a paused DAG.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task ResumeAsync(string dagId, CancellationToken cancellationToken = default) => SetPausedAsync(dagId, false, cancellationToken);

    /// <summary>Stops a run and its tasks.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when it had ended or is not known.</returns>
    public Task<bool> CancelRunAsync(long runId, CancellationToken cancellationToken = default) =>
        AskAsync<bool>(runId, dagId => new EndRunCommand(dagId, runId, DagRunState.Cancelled, "cancelled by request"), cancellationToken);

    /// <summary>Ends a run by hand as succeeded or failed; its tasks are cancelled.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="isSuccess">How.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when it had ended or is not known.</returns>
    public Task<bool> MarkRunAsync(long runId, bool isSuccess, CancellationToken cancellationToken = default)
    {
        var state = isSuccess ? DagRunState.Success : DagRunState.Failed;
        return AskAsync<bool>(runId, dagId => new EndRunCommand(dagId, runId, state, $"marked {state} by hand"), cancellationToken);
    }

    /// <summary>Clears task instances, so that they run again; a run that had ended is queued again.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="request">Which; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many were cleared.</returns>
    /// <exception cref="OrchestratorException">No such run.</exception>
    /// <exception cref="DagException">No such task.</exception>
    public Task<int> ClearAsync(long runId, ClearRequest? request = null, CancellationToken cancellationToken = default) =>
        AskAsync<int>(runId, dagId => new ClearCommand(dagId, runId, request ?? new ClearRequest()), cancellationToken);

    /// <summary>Sets the state of a task by hand. Tasks downstream that have not been decided follow; where it is marked Success or Skipped, also those
    /// that are upstream_failed are decided anew, and a run that had ended goes on with them. What has run must be cleared.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="state">Success, Failed or Skipped.</param>
    /// <param name="mapIndex">Only this mapped instance; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many instances now have the state.</returns>
    /// <exception cref="OrchestratorException">No such run, it has not started, or the step is not allowed.</exception>
    public Task<int> MarkAsync(long runId, string taskId, TaskState state, int? mapIndex = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskId);
        return state is TaskState.Success or TaskState.Failed or TaskState.Skipped
            ? AskAsync<int>(runId, dagId => new MarkCommand(dagId, runId, taskId, mapIndex, state), cancellationToken)
            : throw new ArgumentOutOfRangeException(nameof(state), state, "A task is marked Success, Failed or Skipped.");
    }

    /// <summary>Says for each task instance of a run that has not ended what holds it.</summary>
    /// <param name="runId">The run; one that has ended gives an empty list.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<TaskExplanation>> ExplainAsync(long runId, CancellationToken cancellationToken = default) =>
        ExplainAsync(runId, taskId: null, mapIndex: null, cancellationToken);

    /// <summary>Says for the instances of one task of a run that have not ended what holds them.</summary>
    /// <param name="runId">The run; one that has ended gives an empty list.</param>
    /// <param name="taskId">Only this task; null for all. One that the run does not have gives an empty list.</param>
    /// <param name="mapIndex">
    /// Only this mapped instance; null for all. A task whose instances are not known yet answers for all of them, with the map index -1.
    /// </param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<TaskExplanation>> ExplainAsync(
        long runId, string? taskId, int? mapIndex, CancellationToken cancellationToken = default) =>
        AskAsync<IReadOnlyList<TaskExplanation>>(
            runId, dagId => new ExplainCommand(dagId, runId) { TaskId = taskId, MapIndex = mapIndex }, cancellationToken);

    /// <summary>Runs a DAG for a range of logical dates.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="request">The range and how.</param>
    /// <param name="cancellationToken">Stops waiting; the backfill may have been made.</param>
    /// <returns>The backfill, null for a dry run, and what becomes of each date.</returns>
    /// <exception cref="OrchestratorException">The request cannot be, or another backfill of the DAG is in progress.</exception>
    public async Task<(Backfill? Backfill, IReadOnlyList<BackfillRun> Runs)> BackfillAsync(
        string dagId, BackfillRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dagId);
        ArgumentNullException.ThrowIfNull(request);
        var answer = await AskAsync<BackfillAnswer>(new BackfillCommand(dagId, request), cancellationToken).ConfigureAwait(false);
        return (answer.Backfill, answer.Runs);
    }

    /// <summary>Pauses, resumes (Running) or cancels a backfill.</summary>
    /// <param name="backfillId">The backfill.</param>
    /// <param name="state">Running, Paused or Cancelled.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when it had ended or is not known.</returns>
    public async Task<bool> SetBackfillAsync(long backfillId, BackfillState state, CancellationToken cancellationToken = default)
    {
        if (state is not (BackfillState.Running or BackfillState.Paused or BackfillState.Cancelled))
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "A backfill is set to Running, Paused or Cancelled; it completes by itself.");
        }

        var dagId = string.Empty;
        if (IsShared)
        {
            if (await _store.History.FindBackfillAsync(backfillId, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return false;
            }

            dagId = found.DagId;
        }

        return await AskAsync<bool>(new SetBackfillCommand(dagId, backfillId, state), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Follows what happens to runs and tasks from now on; a slow follower loses the oldest events.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<Diagnostics.OrchestratorEvent> FollowAsync(CancellationToken cancellationToken = default) =>
        _scheduler.FollowAsync(cancellationToken);

    /// <summary>Why the engine no longer schedules though nobody stopped it: its store refused or failed. Null else.</summary>
    public Exception? Fault => _scheduler.Fault;

    /// <summary>Completes when the engine no longer schedules: stopped, or its store refused or failed.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task StoppedAsync(CancellationToken cancellationToken = default) => _loop.WaitAsync(cancellationToken);

    /// <summary>Stops scheduling. Tasks may finish within <see cref="OrchestratorOptions.DrainTimeout"/>; the rest is cancelled and tried
    /// again at the next start.</summary>
    /// <param name="cancellationToken">Gives up waiting for tasks.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 2, 1) != 1)
        {
            return;
        }

        await _listenStop.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        try
        {
            // After a start that was refused there is no loop that could answer.
            await (_isLooping ? _scheduler.StopAsync(cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            // What asks the loop ends before the loop does.
            await _stop.CancelAsync().ConfigureAwait(false);
            await _keeping.ConfigureAwait(false);
            _scheduler.Complete();
            await _loop.ConfigureAwait(false);
            _ended.Close(new OrchestratorException(ErrorKind.Unavailable, "the engine is not running."));
        }

        if (_scheduler is { Fault: null, Term: > 0 })
        {
            await _store.ReleaseAsync(_scheduler.Term, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
        _listenStop.Dispose();
        _scheduler.Dispose();
    }

    /// <summary>Passes through the loop once: all that was posted before is done and written. Gives the number of tries in
    /// progress.</summary>
    internal Task<int> PassAsync(CancellationToken cancellationToken) =>
        _scheduler.AskAsync(() => _scheduler.AttemptCount, cancellationToken);

    private async Task SetPausedAsync(string dagId, bool isPaused, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dagId);
        await AskAsync<bool>(new PauseCommand(dagId, isPaused), cancellationToken).ConfigureAwait(false);
    }
}
