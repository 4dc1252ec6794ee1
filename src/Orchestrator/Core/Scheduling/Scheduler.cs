using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// The event loop. Everything it owns is touched by one thread at a time; the outside posts actions. A step takes what has arrived,
/// decides in
/// memory, writes once, and only then acts on the world: what was not written has not happened.
/// </summary>
internal sealed partial class Scheduler : IDisposable
{
    private readonly IOrchestratorStore _store;
    private readonly OrchestratorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, IExecutor> _executors;
    private readonly IExecutor _defaultExecutor;
    private readonly Channel<Action> _mailbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, LiveDag> _dags = new(StringComparer.Ordinal);
    private readonly Dictionary<long, LiveRun> _runs = [];
    private readonly Dictionary<string, TaskPool> _pools = new(StringComparer.Ordinal);
    private readonly TimerQueue _timers = new();
    private readonly List<Action> _effects = [];
    private readonly ITimer _alarm;
    private IDisposable _watch;
    private DateTimeOffset _now;
    private readonly RunIds _runIds = new();
    private readonly ISchedulerFleet? _fleet;
    private long _term;
    private Exception? _fault;

    public Scheduler(
        IOrchestratorStore store, IReadOnlyList<IExecutor> executors, OrchestratorOptions options, TimeProvider time, ILogger logger)
    {
        _store = store;
        _fleet = store.Fleet;
        _options = options;
        _time = time;
        _logger = logger;
        _defaultExecutor = executors[0];
        _executors = executors.ToDictionary(executor => executor.Name, StringComparer.Ordinal);
        _now = Now();
        foreach (var (name, slots) in options.Pools)
        {
            _pools[name] = NewPool(name, slots);
        }

        _watch = OrchestratorTelemetry.Watch([.. _pools.Values]);
        _alarm = time.CreateTimer(_ => Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Why the loop ended before it was stopped; null while it goes.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>Refuses DAGs that this engine could never run, before anything is registered.</summary>
    /// <param name="dags">The DAGs.</param>
    /// <param name="mayNameOthers">Whether pools that are not known yet may still be found in the store.</param>
    public void Check(IReadOnlyList<Dag> dags, bool mayNameOthers = false)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var dag in dags)
        {
            if (!ids.Add(dag.Id))
            {
                throw new DagException(dag.Id, "it is registered twice.");
            }

            foreach (var task in dag.Tasks)
            {
                CheckTask(dag, task, mayNameOthers);
            }
        }
    }

    /// <summary>Puts an action in the mailbox. It is dropped when the loop has ended.</summary>
    public void Post(Action action) => _mailbox.Writer.TryWrite(action);

    /// <summary>Runs a function on the loop and gives its result once the step it belongs to is written.</summary>
    public Task<T> AskAsync<T>(Func<T> function, CancellationToken cancellationToken)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new Answer<T>(source);
        if (!_mailbox.Writer.TryWrite(() => Ask(function, source, answer)))
        {
            throw Stopped();
        }

        RegisterAnswer(source, answer);
        return source.Task.WaitAsync(cancellationToken);
    }

    private void Ask<T>(Func<T> function, TaskCompletionSource<T> source, Answer<T> answer)
    {
        try
        {
            var result = function();
            _answersOfStep.Add(answer);
            _effects.Add(() => source.TrySetResult(result));
        }
        catch (RunIdsShortException)
        {
            Post(() => Ask(function, source, answer));
        }
        catch (DataPlatformException exception)
        {
            source.TrySetException(exception);
        }
    }

    /// <summary>Works until the mailbox is completed and empty, or the store refuses.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _mailbox.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await StepAsync().ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The loop is the last place that sees the error: it is kept, logged and handed to every caller that waits.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _fault, exception);
            LogFault(exception);
        }
        finally
        {
            _mailbox.Writer.TryComplete();
            await _alarm.DisposeAsync().ConfigureAwait(false);
            StopAttempts();
            FailWaiters();
            _drained?.TrySetResult();
        }
    }

    /// <summary>The term of this scheduler's claim; 0 while it has none.</summary>
    public long Term => Volatile.Read(ref _term);

    /// <summary>Ends the loop with an error, from outside.</summary>
    public void Fail(Exception exception) => Post(() => throw exception);

    /// <summary>No further actions are taken; those in the mailbox still are.</summary>
    public void Complete() => _mailbox.Writer.TryComplete();

    public void Dispose()
    {
        _telling.Cancel();
        _telling.Dispose();
        _alarm.Dispose();
        _watch.Dispose();
    }

    private async Task StepAsync()
    {
        var began = Stopwatch.GetTimestamp();
        _now = Now();
        await ReserveRunIdsAsync().ConfigureAwait(false);
        var left = _options.StepItemsMax;
        while (left > 0 && _mailbox.Reader.TryRead(out var action))
        {
            action();
            left--;
        }

        while (left > 0 && _timers.TryTake(_now, out var due))
        {
            due();
            left--;
        }

        AdvanceThoseThatLookBack();
        Dispatch();
        if (await TryCommitAsync().ConfigureAwait(false))
        {
            foreach (var effect in _effects)
            {
                effect();
            }

            _effects.Clear();
            _answersOfStep.Clear();
            await SharePoolsAsync().ConfigureAwait(false);
        }

        TellDrained();
        ArmAlarm();
        OrchestratorTelemetry.Step(Stopwatch.GetElapsedTime(began));
    }

    /// <summary>The present in whole microseconds, which is what stores keep. In a fleet by the store's clock, which all go by.</summary>
    private DateTimeOffset Now()
    {
        var ticks = _time.GetUtcNow().UtcTicks + Interlocked.Read(ref _clockOffsetTicks);
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    private void ArmAlarm()
    {
        if (_timers.Earliest is not { } earliest)
        {
            return;
        }

        var wait = earliest - Now();
        if (wait <= TimeSpan.Zero)
        {
            Post(static () => { });
            return;
        }

        // A timer counts whole milliseconds: rounding down would wake the loop early for nothing. Long waits are taken in pieces.
        var ms = Math.Min(Math.Ceiling(wait.TotalMilliseconds), TimeSpan.FromDays(1).TotalMilliseconds);
        _alarm.Change(TimeSpan.FromMilliseconds(ms), Timeout.InfiniteTimeSpan);
    }

    private void CheckTask(Dag dag, DagTask task, bool mayNameOthers)
    {
        if (!_pools.TryGetValue(task.Pool, out var pool) && !mayNameOthers)
        {
            throw new DagException(
                dag.Id, $"task '{task.Id}' wants pool '{task.Pool}', which is neither among the engine's pools nor among those made in its store.");
        }

        if (task.PoolSlots > pool?.Slots)
        {
            throw new DagException(dag.Id, $"task '{task.Id}' takes {task.PoolSlots} slots of pool '{pool.Name}', which has {pool.Slots}.");
        }

        if (task.Executor is { } executor && !_executors.ContainsKey(executor))
        {
            throw new DagException(dag.Id, $"task '{task.Id}' wants executor '{executor}', which the engine does not have.");
        }
    }

    private IExecutor ExecutorOf(DagTask task) => task.Executor is { } name ? _executors[name] : _defaultExecutor;

    private OrchestratorException Stopped() => new(
        ErrorKind.Unavailable, Fault is { } fault ? $"the engine stopped: {fault.Message}" : "the engine is not running.", Fault);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Critical, Message = "The scheduler stopped: its store refused or failed")]
    private partial void LogFault(Exception exception);
}
