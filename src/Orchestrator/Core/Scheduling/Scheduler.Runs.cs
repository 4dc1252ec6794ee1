using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The life of runs.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Makes a run by hand. On the loop.</summary>
    public long Trigger(
        string dagId, string? conf, DateTimeOffset? logicalDate, string? idempotencyKey, DagRunKind kind = DagRunKind.Manual)
    {
        var dag = Find(dagId);
        var known = idempotencyKey is null
            ? null
            : _runs.Values.FirstOrDefault(run => run.Dag == dag && run.Record.IdempotencyKey == idempotencyKey);
        if ((known?.Record.Id ?? _recentKeys.Find(dagId, idempotencyKey)) is { } runId)
        {
            return runId;
        }

        RunParams.Check(dag.Dag, conf);
        if (!_runIds.HasOne())
        {
            throw new RunIdsShortException();
        }

        var instant = (logicalDate ?? _now).ToUniversalTime();
        var fire = new ScheduledFire(kind == DagRunKind.Manual ? IntervalAt(dag, instant) : DataInterval.At(instant), instant, _now);
        return CreateKeyed(dag, kind, fire, conf, idempotencyKey);
    }

    /// <summary>The data that a run by hand is about: as in Airflow the latest interval of its DAG's timetable that is complete at its logical date. A
    /// point where the timetable has no intervals, or is somebody else's, which is not asked on the loop.</summary>
    private static DataInterval IntervalAt(LiveDag dag, DateTimeOffset instant) =>
        dag.HasOwnTimetable && dag.Dag.Timetable.FiresByClock && dag.Dag.Timetable.LatestAtOrBefore(instant) is { } fire
            && fire.Interval.Start < fire.Interval.End
            ? fire.Interval
            : DataInterval.At(instant);

    /// <summary>Ends a run by hand, with its tasks. On the loop.</summary>
    public bool EndByHand(long runId, DagRunState state, string note)
    {
        if (!_runs.TryGetValue(runId, out var run) || run.Record.State.IsFinal())
        {
            return false;
        }

        End(run, state, note);
        return true;
    }

    private LiveDag Find(string dagId) => _dags.TryGetValue(dagId, out var dag)
        ? dag
        : throw (_fleet is null
            ? new OrchestratorException(ErrorKind.Invalid, $"there is no DAG '{dagId}' in this engine.")
            : new DagElsewhereException(dagId));

    private LiveRun CreateRun(LiveDag dag, DagRunKind kind, ScheduledFire fire, Func<DagRun, DagRun>? with = null)
    {
        if (!_runIds.TryTake(out var id))
        {
            throw new InvalidOperationException("a run is made without a number: its maker did not look whether one is left.");
        }

        var record = new DagRun
        {
            Id = id,
            DagId = dag.Dag.Id,
            DagHash = dag.Dag.Hash,
            Kind = kind,
            State = DagRunState.Queued,
            Interval = fire.Interval,
            LogicalDate = fire.LogicalDate,
            RunAfter = fire.RunAfter,
            CreatedAt = _now,
        };
        record = with is null ? record : with(record);
        dag.DatedRuns += kind is DagRunKind.Scheduled or DagRunKind.Backfill ? 1 : 0;
        var run = new LiveRun(record, dag) { Values = new RunValues(record, dag.Dag) };
        _runs.Add(record.Id, run);
        MarkDirty(run);
        ArmDeadline(run);
        Wait(run);
        return run;
    }

    /// <summary>Puts a run in line; where tasks look back, once the run before is known.</summary>
    private void Wait(LiveRun run)
    {
        if (!run.Dag.LooksBack || run.Values.Past is not null)
        {
            run.Dag.Waiting.Enqueue(run);
            StartWaiting(run.Dag);
            return;
        }

        _effects.Add(() =>
        {
            _looking++;
            Send(LookBackAsync(run));
        });
    }

    private async Task LookBackAsync(LiveRun run)
    {
        try
        {
            var past = await FindPastAsync(run, CancellationToken.None).ConfigureAwait(false);
            Post(() =>
            {
                if (!run.Dag.IsGone)
                {
                    run.Values.Past = past;
                    run.Dag.Waiting.Enqueue(run);
                    StartWaiting(run.Dag);
                }
            });
        }
#pragma warning disable CA1031 // A store that cannot be read is the end of this scheduler, or of its term.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            FailToRead($"the run before run {run.Record.Id}", exception);
        }
        finally
        {
            Post(() => _looking--);
        }
    }

    private void StartWaiting(LiveDag dag)
    {
        var waitedFor = WaitedFor(dag);
        for (var left = dag.Waiting.Count; left > 0 && dag.Waiting.TryDequeue(out var run); left--)
        {
            if (run.Record.State != DagRunState.Queued)
            {
                continue;
            }

            if (!MayStart(run, waitedFor))
            {
                dag.Waiting.Enqueue(run);
                continue;
            }

            Start(run);
            if (run.Values.Past is { } past && waitedFor.Add(past.RunId))
            {
                // What it waits for may have been passed over already.
                left = dag.Waiting.Count + 1;
            }
        }
    }

    /// <summary>Runs of a backfill have a limit of their own: they pass those that wait for the DAG's. So does a cleared run that one in progress
    /// waits for, else each would wait for the other.</summary>
    private static bool MayStart(LiveRun run, HashSet<long> waitedFor) =>
        run.Record.Kind == DagRunKind.Backfill || waitedFor.Contains(run.Record.Id) ? !run.Dag.IsPaused : run.Dag.HasRoom;

    private HashSet<long> WaitedFor(LiveDag dag) => dag is { LooksBack: true, Waiting.Count: > 0 }
        ? PastsOf(_runs.Values.Where(run => run.Dag == dag && run.Record.State == DagRunState.Running))
        : [];

    private void Start(LiveRun run)
    {
        run.Record = run.Record with { State = DagRunState.Running, StartedAt = _now };
        run.Dag.ActiveRuns += run.Record.Kind == DagRunKind.Backfill ? 0 : 1;
        run.Span = OrchestratorTelemetry.StartRun(run.Record, isFirstStart: run.Graph is null);
        MarkDirty(run);
        if (run.Graph is null)
        {
            Load(run, []);
        }

        run.Graph!.Advance();
        ArmRunTimers(run);
        EndIfDone(run);
    }

    private void Load(LiveRun run, IEnumerable<TaskInstance> stored) =>
        run.Graph = new RunGraph(run.Version, run.Record.Id, stored, run.Values, (task, from) => OnChanged(run, task, from));

    private void ArmRunTimers(LiveRun run)
    {
        var started = run.Record.StartedAt;
        if (run.Version.RunTimeout is { } limit)
        {
            Arm(run.Dag, Later(started!.Value, limit), () => OnRunTimeout(run, started, limit));
        }
    }

    /// <summary>From when a run is made or cleared, so that also one that never starts is told of. One whose deadline had passed before tells nothing
    /// new: it is of an old date, or was told of.</summary>
    private void ArmDeadline(LiveRun run)
    {
        if (run.Version.Deadline is { } deadline && Later(run.Record.RunAfter, deadline) is var due && due > _now)
        {
            Arm(run.Dag, due, () => OnDeadline(run, deadline));
        }
    }

    /// <summary>Of a run that was taken up: what came due while no scheduler was there is told now, by each that takes it up.</summary>
    private void ResumeDeadline(LiveRun run)
    {
        var began = run.Graph is null ? run.Record.CreatedAt : run.Record.StartedAt;
        if (run.Version.Deadline is { } deadline && Later(run.Record.RunAfter, deadline) is var due && (due > _now || began < due))
        {
            Arm(run.Dag, due, () => OnDeadline(run, deadline));
        }
    }

    private void OnRunTimeout(LiveRun run, DateTimeOffset? started, TimeSpan limit)
    {
        if (run.Record.State == DagRunState.Running && run.Record.StartedAt == started)
        {
            End(run, DagRunState.Failed, $"it took longer than its time limit of {limit}");
        }
    }

    private void OnDeadline(LiveRun run, TimeSpan deadline)
    {
        if (!run.Record.State.IsFinal())
        {
            LogDeadline(run.Record.DagId, run.Record.Id, deadline);
            Tell(run, OrchestratorEventKind.DeadlineMissed, $"it has not ended {deadline} after its earliest start");
        }
    }

    private void EndIfDone(LiveRun run)
    {
        if (run is { Record.State: DagRunState.Running, Graph: { Unfinished: 0 } graph })
        {
            End(run, graph.Verdict(), null);
        }
    }

    private void End(LiveRun run, DagRunState state, string? note)
    {
        var wasRunning = run.Record.State == DagRunState.Running;
        run.Record = run.Record with { State = state, EndedAt = _now, Note = note };
        MarkDirty(run);
        CancelTasks(run, note);
        RememberStates(run);
        run.Dag.ActiveRuns -= wasRunning && run.Record.Kind != DagRunKind.Backfill ? 1 : 0;
        LogRunEnded(run.Record.DagId, run.Record.Id, state);
        OrchestratorTelemetry.EndRun(run.Record, run.Span);
        run.Span = null;
        Tell(run, state switch
        {
            DagRunState.Success => OrchestratorEventKind.RunSucceeded,
            DagRunState.Failed => OrchestratorEventKind.RunFailed,
            _ => OrchestratorEventKind.RunCancelled,
        }, note);
        StartWaiting(run.Dag);
        EvaluateDatasets(run.Dag);
        ArmSchedule(run.Dag);
        if (run.Dag.Backfill is { } backfill)
        {
            Advance(backfill);
        }
    }

    private void CancelTasks(LiveRun run, string? note)
    {
        var left = run.Graph?.Tasks.Where(task => !task.State.IsFinal()).ToList() ?? [];
        foreach (var task in left)
        {
            task.Note = note ?? task.Note;
            task.EndedAt = _now;
        }

        run.Graph?.Cancel(left);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "Run {RunId} of DAG {DagId} ended: {State}")]
    private partial void LogRunEnded(string dagId, long runId, DagRunState state);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "Run {RunId} of DAG {DagId} missed its deadline of {Deadline}")]
    private partial void LogDeadline(string dagId, long runId, TimeSpan deadline);
}
