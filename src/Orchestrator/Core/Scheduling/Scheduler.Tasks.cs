using System.Diagnostics;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The life of task instances: ready, dispatched, ended, retried.</summary>
internal sealed partial class Scheduler
{
    private static readonly Dags.Backoff InfrastructureBackoff =
        Dags.Backoff.Exponential(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));

    private readonly Dictionary<TaskKey, Attempt> _attempts = [];
    private readonly HashSet<LiveDag> _looksBack = [];
    private bool _isDraining;

    /// <summary>Tries that an executor has now.</summary>
    public int AttemptCount => _attempts.Count;

    /// <summary>Nothing new is started from now on. On the loop.</summary>
    public void Drain() => _isDraining = true;

    /// <summary>Cancels what runs; the tasks stay ready for the next start. On the loop.</summary>
    public void StopAttempts()
    {
        foreach (var (key, attempt) in _attempts.ToList())
        {
            if (attempt.Outlives)
            {
                // It goes on where it runs; a successor takes it up.
                _attempts.Remove(key);
                attempt.LetGo();
            }
            else
            {
                attempt.Stop();
            }
        }
    }

    /// <summary>Every step of every task passes here: bookkeeping of slots, queues, history and the row to write.</summary>
    private void OnChanged(LiveRun run, LiveTask task, TaskState from)
    {
        MarkDirty(task);
        Account(run, task, from);
        TellTask(run, task);
        OrchestratorTelemetry.Changed(run, task, from, _now);
        if (task.State.IsFinal() && run.Dag.LooksBack)
        {
            _looksBack.Add(run.Dag);
        }

        if (from == TaskState.Deferred)
        {
            // It held no slots, so giving slots back did not stop it.
            StopAttempt(run, task);
        }

        if (task.State == TaskState.Ready)
        {
            task.ReadyAt = _now;
            task.WakeAt = null;
            Offer(run, task);
        }
        else if (task.State.IsFinal() && from is TaskState.None or TaskState.Ready or TaskState.Deferred)
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
        run.ActiveTasks += delta;
        if (task.Definition.MaxActive > 0)
        {
            run.Dag.ActiveByTask[task.Definition.Id] = run.Dag.ActiveByTask.GetValueOrDefault(task.Definition.Id) + delta;
        }

        if (task.Definition.MaxActivePerRun > 0)
        {
            run.ActiveByTask[task.Key.TaskNumber] = run.ActiveByTask.GetValueOrDefault(task.Key.TaskNumber) + delta;
        }

        _pools[task.Definition.Pool].Use(run.Dag, task.Definition.Priority, delta * task.Definition.PoolSlots);
        if (delta < 0)
        {
            StopAttempt(run, task);
        }
    }

    /// <summary>Stops a try that was decided by something else than its own end.</summary>
    private void StopAttempt(LiveRun run, LiveTask task)
    {
        if (_attempts.Remove(task.Key, out var attempt))
        {
            TellLost(run, task);
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
            for (var i = 0; i < _options.StepItemsMax && pool.Take(_now) is { } ready; i++)
            {
                Begin(ready.Run, ready.Task);
            }

            ArmReservation(pool);
        }
    }

    private void ArmReservation(TaskPool pool)
    {
        if (pool.ReservedUntil is { } until && until != pool.ReservationArmed)
        {
            pool.ReservationArmed = until;
            _timers.Add(until, static () => { });
        }
    }

    private void Begin(LiveRun run, LiveTask task)
    {
        if (task.QueuedAt is not null)
        {
            // What the row tells of the try before moves to history before this one overwrites it.
            Batch.Tries.Add(task.ToInstance());
        }

        var executor = ExecutorOf(task.Definition);
        task.Try++;
        task.Epoch++;
        task.Executor = executor.Name;
        task.QueuedAt = _now;
        task.StartedAt = null;
        task.EndedAt = null;
        task.Note = null;
        run.Graph!.Move(task, TaskState.Queued);
        if (executor.StartsAtOnce)
        {
            StartBody(run, task);
        }

        HandOver(run, task, executor);
    }

    private void HandOver(LiveRun run, LiveTask task, IExecutor executor)
    {
        var attempt = new Attempt(executor.Outlives);
        _attempts[task.Key] = attempt;
        var span = run.Span ??= OrchestratorTelemetry.StartRun(run.Record, isFirstStart: false);
        var invocation = Invocation(run, task, executor, attempt);
        _effects.Add(() => _ = ExecuteAsync(executor, invocation, attempt, task.Key, span));
    }

    private TaskInvocation Invocation(LiveRun run, LiveTask task, IExecutor executor, Attempt attempt)
    {
        var (key, epoch) = (task.Key, task.Epoch);
        var instance = task.ToInstance();
        var log = executor.KeepsLog ? null : _options.Logs?.Open(new Logs.TaskLogId(run.Record.DagId, key.RunId, instance.TaskId, key.MapIndex, instance.Try));
        var context = new TaskContext(
            run.Record,
            instance,
            run.Values,
            line =>
            {
                LogTaskLine(run.Record.DagId, key.RunId, instance.TaskId, instance.Try, line);
                log?.Write(line);
            },
            _options.LargeXComs);
        Action started = executor.StartsAtOnce ? static () => { } : () => Post(() => OnStarted(key, epoch));
        return new TaskInvocation(run.Record, run.Version, task.Definition, context, _time, started)
        {
            CancellationGrace = _options.CancellationGrace,
            Log = log,
            LetGo = attempt.LetGoToken,
        };
    }

    /// <summary>Outside the loop: waits for the executor and posts what it said.</summary>
    private async Task ExecuteAsync(IExecutor executor, TaskInvocation invocation, Attempt attempt, TaskKey key, Activity? run)
    {
        using var span = OrchestratorTelemetry.StartTry(invocation, run);
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

        outcome = OutcomeCheck.Sound(executor, outcome);

        OrchestratorTelemetry.EndTry(span, outcome);
        outcome = await WithVersionsAsync(invocation.Task, outcome, attempt.Token).ConfigureAwait(false);
        if (invocation.Log is { } log)
        {
            await log.EndAsync(outcome).ConfigureAwait(false);
        }

        // A try that was let go runs on: the executor's answer says that it no longer waits for it, not how the try ended.
        if (!invocation.LetGo.IsCancellationRequested || outcome.Kind is not (TaskOutcomeKind.Infrastructure or TaskOutcomeKind.Cancelled))
        {
            Post(() => OnEnded(key, invocation.Context.Epoch, outcome));
        }
    }

    private void OnStarted(TaskKey key, long epoch)
    {
        if (TryFind(key, epoch, out var run, out var task) && task.State == TaskState.Queued)
        {
            StartBody(run, task);
        }
    }

    /// <summary>The body begins. A deferred sensor gives its slots back at once and goes on beside the pools.</summary>
    private void StartBody(LiveRun run, LiveTask task)
    {
        task.StartedAt = _now;
        task.FirstStartedAt ??= _now;
        run.Graph!.Move(task, TaskState.Running);
        TellStart(run, task);
        if (task.Definition.Body is Dags.SensorBody { Options.Mode: Dags.SensorMode.Deferred })
        {
            var attempt = _attempts.GetValueOrDefault(task.Key);
            _attempts.Remove(task.Key);
            run.Graph.Move(task, TaskState.Deferred);
            if (attempt is not null)
            {
                _attempts[task.Key] = attempt;
            }
        }
    }

    /// <summary>Takes the end of a try, unless another try has begun or the task was decided by hand: the epoch tells.</summary>
    private void OnEnded(TaskKey key, long epoch, TaskOutcome outcome)
    {
        if (!TryFind(key, epoch, out var run, out var task) || !(task.State.HoldsSlots() || task.State == TaskState.Deferred))
        {
            return;
        }

        // The try is over: there is nothing left to stop.
        if (_attempts.Remove(key, out var attempt))
        {
            attempt.Dispose();
        }

        task.EndedAt = _now;
        outcome = CheckLists(run, task, outcome);
        task.Note = NoteText.Of(outcome.Note);
        TellEnd(run, task, outcome);
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
            case TaskOutcomeKind.Rescheduled:
                task.WakeAt = Later(_now, outcome.WakeAfter);
                run.Graph!.Move(task, TaskState.RescheduleWait);
                ArmWake(run, task);
                break;
            case TaskOutcomeKind.Infrastructure or TaskOutcomeKind.Cancelled:
                LoseTry(run, task, waits: true);
                break;
            default:
                throw new UnreachableException($"unknown outcome {outcome.Kind}");
        }

        EndIfDone(run);
    }

    /// <summary>A list that a mapped task or group downstream cannot take fails the task that returned it, where the mistake is.</summary>
    private static TaskOutcome CheckLists(LiveRun run, LiveTask task, TaskOutcome outcome)
    {
        if (outcome.Kind != TaskOutcomeKind.Success || task.Definition.IsMapped)
        {
            return outcome;
        }

        var id = task.Definition.Id;
        var tasks = task.Definition.DownstreamNumbers.Select(number => run.Version.Tasks[number])
            .Where(mapped => mapped.Map?.TaskIds.Contains(id) == true).Select(mapped => (mapped.Id, Map: mapped.Map!, mapped.MapLengthMax));
        var groups = run.Version.MappedGroups.Where(group => group.Map.TaskIds.Contains(id))
            .Select(group => (group.Id, group.Map, group.MapLengthMax));
        foreach (var (mapped, map, lengthMax) in tasks.Concat(groups))
        {
            // A zip is as long as its shortest list: one that is too long alone is not the mistake.
            var limit = map.Kind == Dags.MapKind.Zip ? int.MaxValue : lengthMax;
            if (RunValues.RefuseList(id, outcome.XComs.GetValueOrDefault(TaskContext.ReturnKey), mapped, limit) is { } reason)
            {
                return TaskOutcome.Failed(reason, mayRetry: false);
            }
        }

        return outcome;
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
        task.WakeAt = Later(_now, RetryDelay.Of(backoff, task.Failures, draw));
        run.Graph!.Move(task, TaskState.RetryWait);
        ArmWake(run, task);
    }

    /// <summary>The try was cut, not the body at fault: the task goes on, but not for ever. Where an executor says so again and again, after growing
    /// waits: an outage of its machines must not use up in a moment what a task has.</summary>
    private void LoseTry(LiveRun run, LiveTask task, bool waits)
    {
        if (!_isDraining && ++task.InfrastructureFailures > _options.InfrastructureRetriesMax)
        {
            LogTaskFailed(run.Record.DagId, task.Key.RunId, task.Definition.Id, task.Try, task.Note);
            run.Graph!.Move(task, TaskState.Failed);
            return;
        }

        if (waits && !_isDraining && task.InfrastructureFailures > 1)
        {
            var failures = task.InfrastructureFailures - 1;
            var draw = RetryDelay.Draw(run.Record.DagId, task.Definition.Id, run.Record.LogicalDate, failures, _options.Seed);
            task.WakeAt = Later(_now, RetryDelay.Of(InfrastructureBackoff, failures, draw));
            run.Graph!.Move(task, TaskState.RetryWait);
            ArmWake(run, task);
            return;
        }

        run.Graph!.Move(task, TaskState.Ready);
    }

    private void ArmWake(LiveRun run, LiveTask task)
    {
        if (task.WakeAt is { } wakeAt)
        {
            Arm(run.Dag, wakeAt, () => OnWake(run, task, wakeAt));
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
            run.Values.Set(task.Definition.Id, name, task.Key.MapIndex, json);
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
