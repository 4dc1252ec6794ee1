using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The life of runs.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Makes a run by hand. On the loop.</summary>
    public long Trigger(string dagId, string? conf, DateTimeOffset? logicalDate, string? idempotencyKey)
    {
        var dag = Find(dagId);
        var known = idempotencyKey is null
            ? null
            : _runs.Values.FirstOrDefault(run => run.Dag == dag && run.Record.IdempotencyKey == idempotencyKey);
        if (known is not null)
        {
            return known.Record.Id;
        }

        var instant = (logicalDate ?? _now).ToUniversalTime();
        return CreateRun(dag, DagRunKind.Manual, new ScheduledFire(DataInterval.At(instant), instant, _now), run => run with
        {
            Conf = conf,
            IdempotencyKey = idempotencyKey,
        }).Record.Id;
    }

    /// <summary>Stops a run and its tasks. On the loop.</summary>
    public bool Cancel(long runId, string note)
    {
        if (!_runs.TryGetValue(runId, out var run))
        {
            return false;
        }

        End(run, DagRunState.Cancelled, note);
        return true;
    }

    private LiveDag Find(string dagId) =>
        _dags.TryGetValue(dagId, out var dag) ? dag : throw new OrchestratorException(
            ErrorKind.Invalid, $"there is no DAG '{dagId}' in this engine.");

    private LiveRun CreateRun(LiveDag dag, DagRunKind kind, ScheduledFire fire, Func<DagRun, DagRun>? with = null)
    {
        var record = new DagRun
        {
            Id = _nextRunId++,
            DagId = dag.Dag.Id,
            DagHash = dag.Dag.Hash,
            Kind = kind,
            State = DagRunState.Queued,
            Interval = fire.Interval,
            LogicalDate = fire.LogicalDate,
            RunAfter = fire.RunAfter,
            CreatedAt = _now,
        };
        var run = new LiveRun(with is null ? record : with(record), dag);
        _runs.Add(run.Record.Id, run);
        MarkDirty(run);
        dag.Waiting.Enqueue(run);
        StartWaiting(dag);
        return run;
    }

    private void StartWaiting(LiveDag dag)
    {
        while (dag.HasRoom && dag.Waiting.TryDequeue(out var run))
        {
            if (!run.Record.State.IsFinal())
            {
                Start(run);
            }
        }
    }

    private void Start(LiveRun run)
    {
        run.Record = run.Record with { State = DagRunState.Running, StartedAt = _now };
        run.Dag.ActiveRuns++;
        MarkDirty(run);
        Load(run, run.Dag.Dag, []);
        run.Graph!.Advance();
        EndIfDone(run);
    }

    /// <summary>Gives a running run its tasks and its time limit.</summary>
    private void Load(LiveRun run, Dag dag, IEnumerable<TaskInstance> stored)
    {
        run.Graph = new RunGraph(dag, run.Record.Id, stored, (task, from) => OnChanged(run, task, from));
        if (dag.RunTimeout is { } limit && run.Record.StartedAt is { } started)
        {
            _timers.Add(started + limit, () => OnRunTimeout(run, started, limit));
        }
    }

    private void OnRunTimeout(LiveRun run, DateTimeOffset started, TimeSpan limit)
    {
        if (run.Record.State == DagRunState.Running && run.Record.StartedAt == started)
        {
            End(run, DagRunState.Failed, $"it took longer than its time limit of {limit}");
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
        run.Record = run.Record with { State = state, EndedAt = _now, Note = note ?? run.Record.Note };
        MarkDirty(run);
        CancelTasks(run, note);
        if (wasRunning)
        {
            run.Dag.ActiveRuns--;
        }

        LogRunEnded(run.Record.DagId, run.Record.Id, state);
        StartWaiting(run.Dag);
        EvaluateDatasets(run.Dag);
        ArmSchedule(run.Dag);
    }

    private void CancelTasks(LiveRun run, string? note)
    {
        foreach (var task in run.Graph?.Nodes.SelectMany(node => node.Instances).Where(task => !task.State.IsFinal()).ToList() ?? [])
        {
            // An earlier one's cascade may have ended it.
            if (!task.State.IsFinal())
            {
                task.Note = note ?? task.Note;
                task.EndedAt = _now;
                run.Graph!.Move(task, TaskState.Cancelled);
            }
        }
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "Run {RunId} of DAG {DagId} ended: {State}")]
    private partial void LogRunEnded(string dagId, long runId, DagRunState state);
}
