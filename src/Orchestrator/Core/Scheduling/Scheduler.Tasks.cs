using System.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The life of task instances: ready, dispatched, ended, retried.</summary>
internal sealed partial class Scheduler
{
    private readonly Dictionary<TaskKey, Attempt> _attempts = [];
    private bool _isDraining;

    /// <summary>Tries that an executor has now.</summary>
    public int AttemptCount => _attempts.Count;

    /// <summary>Nothing new is started from now on. On the loop.</summary>
    public void Drain() => _isDraining = true;

    /// <summary>Cancels what runs; the tasks stay ready for the next start. On the loop.</summary>
    public void StopAttempts()
    {
        foreach (var attempt in _attempts.Values)
        {
            attempt.Stop();
        }
    }

    /// <summary>Every step of every task passes here: bookkeeping of slots, queues, history and the row to write.</summary>
    private void OnChanged(LiveRun run, LiveTask task, TaskState from)
    {
        MarkDirty(task);
        Account(run, task, from);
        if (task.State == TaskState.Ready)
        {
            task.ReadyAt = _now;
            task.WakeAt = null;
            Offer(run, task);
        }
        else if (task.State.IsFinal() && from is TaskState.None or TaskState.Ready)
        {
            task.EndedAt ??= _now;
        }
    }

    private void Account(LiveRun run, LiveTask task, TaskState from)
    {
        var delta = (task.State.HoldsSlots() ? 1 : 0) - (from.HoldsSlots() ? 1 : 0);
        if (delta == 0)
        {
            return;
        }

        run.Dag.ActiveTasks += delta;
        _pools[task.Definition.Pool].Used += delta * task.Definition.PoolSlots;
        if (delta < 0 && _attempts.Remove(task.Key, out var attempt))
        {
            _effects.Add(attempt.Stop);
        }
    }

    private void Offer(LiveRun run, LiveTask task) => _pools[task.Definition.Pool].Add(new ReadyTask(run, task));

    private void Dispatch()
    {
        if (_isDraining)
        {
            return;
        }

        foreach (var pool in _pools.Values)
        {
            for (var i = 0; i < _options.StepItemsMax && pool.Take() is { } ready; i++)
            {
                Begin(ready.Run, ready.Task);
            }
        }
    }

    private void Begin(LiveRun run, LiveTask task)
    {
        if (task.Try > 0)
        {
            // What the row tells of the try before moves to history before this one overwrites it.
            Batch.Tries.Add(task.ToInstance());
        }

        var executor = ExecutorOf(task.Definition);
        task.Try++;
        task.Epoch++;
        task.Executor = executor.Name;
        task.QueuedAt = _now;
        task.StartedAt = executor.StartsAtOnce ? _now : null;
        task.EndedAt = null;
        task.Note = null;
        run.Graph!.Move(task, executor.StartsAtOnce ? TaskState.Running : TaskState.Queued);
        var attempt = new Attempt();
        _attempts[task.Key] = attempt;
        var invocation = Invocation(run, task, executor);
        _effects.Add(() => _ = ExecuteAsync(executor, invocation, attempt, task.Key));
    }

    private TaskInvocation Invocation(LiveRun run, LiveTask task, IExecutor executor)
    {
        var (key, epoch) = (task.Key, task.Epoch);
        var instance = task.ToInstance();
        var context = new TaskContext(
            run.Record,
            instance,
            (taskId, name, map) => run.XComs.GetValueOrDefault((taskId, name, map)),
            line => LogTaskLine(run.Record.DagId, key.RunId, instance.TaskId, instance.Try, line));
        Action started = executor.StartsAtOnce ? static () => { } : () => Post(() => OnStarted(key, epoch));
        return new TaskInvocation(run.Record, task.Definition, context, _time, started)
        {
            CancellationGrace = _options.CancellationGrace,
        };
    }

    /// <summary>Outside the loop: waits for the executor and posts what it said.</summary>
    private async Task ExecuteAsync(IExecutor executor, TaskInvocation invocation, Attempt attempt, TaskKey key)
    {
        TaskOutcome outcome;
        try
        {
            outcome = await executor.ExecuteAsync(invocation, attempt.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // An executor that throws lost the try; the scheduler decides what becomes of the task.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = TaskOutcome.Infrastructure($"executor '{executor.Name}' failed: {exception}");
        }

        Post(() => OnEnded(key, invocation.Context.Epoch, outcome));
    }

    private void OnStarted(TaskKey key, long epoch)
    {
        if (TryFind(key, epoch, out var run, out var task) && task.State == TaskState.Queued)
        {
            task.StartedAt = _now;
            run.Graph!.Move(task, TaskState.Running);
        }
    }

    /// <summary>Takes the end of a try, unless another try has begun or the task was decided by hand: the epoch tells.</summary>
    private void OnEnded(TaskKey key, long epoch, TaskOutcome outcome)
    {
        if (!TryFind(key, epoch, out var run, out var task) || !task.State.HoldsSlots())
        {
            return;
        }

        // The try is over: there is nothing left to stop.
        if (_attempts.Remove(key, out var attempt))
        {
            attempt.Dispose();
        }

        task.EndedAt = _now;
        task.Note = outcome.Note;
        switch (outcome.Kind)
        {
            case TaskOutcomeKind.Success:
                Keep(run, task, outcome.XComs);
                run.Graph!.Move(task, TaskState.Success);
                break;
            case TaskOutcomeKind.Skipped:
                run.Graph!.Move(task, TaskState.Skipped);
                break;
            case TaskOutcomeKind.Failed:
                task.Failures++;
                FailOrRetry(run, task, outcome.MayRetry);
                break;
            case TaskOutcomeKind.Infrastructure or TaskOutcomeKind.Cancelled:
                LoseTry(run, task);
                break;
            default:
                throw new UnreachableException($"unknown outcome {outcome.Kind}");
        }

        EndIfDone(run);
    }

    private void FailOrRetry(LiveRun run, LiveTask task, bool mayRetry)
    {
        if (!mayRetry || task.Failures > task.Definition.Retries)
        {
            LogTaskFailed(run.Record.DagId, task.Key.RunId, task.Definition.Id, task.Try, task.Note);
            run.Graph!.Move(task, TaskState.Failed);
            return;
        }

        var backoff = task.Definition.Backoff;
        var seed = backoff.Jitter == Dags.JitterMode.Deterministic ? 0 : _options.Seed;
        var draw = RetryDelay.Draw(run.Record.DagId, task.Definition.Id, run.Record.LogicalDate, task.Failures, seed);
        task.WakeAt = _now + RetryDelay.Of(backoff, task.Failures, draw);
        run.Graph!.Move(task, TaskState.RetryWait);
        ArmWake(run, task);
    }

    /// <summary>The try was cut, not the body at fault: the task goes on at once, but not for ever.</summary>
    private void LoseTry(LiveRun run, LiveTask task)
    {
        if (!_isDraining && ++task.InfrastructureFailures > _options.InfrastructureRetriesMax)
        {
            LogTaskFailed(run.Record.DagId, task.Key.RunId, task.Definition.Id, task.Try, task.Note);
            run.Graph!.Move(task, TaskState.Failed);
            return;
        }

        run.Graph!.Move(task, TaskState.Ready);
    }

    private void ArmWake(LiveRun run, LiveTask task)
    {
        if (task.WakeAt is { } wakeAt)
        {
            _timers.Add(wakeAt, () => OnWake(run, task, wakeAt));
        }
    }

    private static void OnWake(LiveRun run, LiveTask task, DateTimeOffset wakeAt)
    {
        if (task.State is TaskState.RetryWait or TaskState.RescheduleWait && task.WakeAt == wakeAt)
        {
            run.Graph!.Move(task, TaskState.Ready);
        }
    }

    private void Keep(LiveRun run, LiveTask task, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (name, json) in values)
        {
            run.XComs[(task.Definition.Id, name, task.Key.MapIndex)] = json;
            Batch.XComs.Add(new XComValue(task.Key, task.Definition.Id, name, json));
        }
    }

    private bool TryFind(TaskKey key, long epoch, out LiveRun run, out LiveTask task)
    {
        task = null!;
        return _runs.TryGetValue(key.RunId, out run!) && run.Graph is { } graph && (task = graph.Find(key)!) is not null
            && task.Epoch == epoch;
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Warning,
        Message = "Task {TaskId} of run {RunId} of DAG {DagId} failed at try {Try}: {Note}")]
    private partial void LogTaskFailed(string dagId, long runId, string taskId, int @try, string? note);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "{DagId}/{RunId}/{TaskId}#{Try}: {Line}")]
    private partial void LogTaskLine(string dagId, long runId, string taskId, int @try, string line);
}
