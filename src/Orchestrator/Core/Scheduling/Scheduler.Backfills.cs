using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Backfills: dates in a fixed order, so many at once, resumed from the store.</summary>
internal sealed partial class Scheduler
{
    private readonly Dictionary<long, LiveBackfill> _backfills = [];
    private long _nextBackfillId = 1;

    /// <summary>Runs that a backfill may touch.</summary>
    private async Task<IReadOnlyList<DagRun>> ListExistingAsync(
        string dagId, BackfillRequest request, CancellationToken cancellationToken)
    {
        var existing = new List<DagRun>();
        for (long? before = null; ;)
        {
            var query = new RunQuery
            {
                DagId = dagId,
                LogicalFrom = request.From,
                LogicalTo = request.To,
                BeforeId = before,
                Limit = RunQuery.LimitMax,
            };
            var page = await _store.ListRunsAsync(query, cancellationToken).ConfigureAwait(false);
            existing.AddRange(page.Where(run => run.Kind is DagRunKind.Scheduled or DagRunKind.Backfill));
            if (page.Count < RunQuery.LimitMax)
            {
                break;
            }

            before = page[^1].Id;
        }

        return existing;
    }

    /// <summary>Pauses, resumes or cancels a backfill. On the loop.</summary>
    public bool SetBackfill(long backfillId, BackfillState state)
    {
        if (!_backfills.TryGetValue(backfillId, out var backfill))
        {
            return false;
        }

        Keep(backfill, backfill.Record with { State = state, EndedAt = state == BackfillState.Cancelled ? _now : null });
        if (state == BackfillState.Cancelled)
        {
            Forget(backfill);
            foreach (var run in backfill.Runs.Where(run => run.State == BackfillRunState.Running).ToList())
            {
                EndByHand(run.RunId!.Value, DagRunState.Cancelled, $"backfill {backfillId} was cancelled");
                Keep(backfill, run with { State = BackfillRunState.Done });
            }
        }
        else
        {
            Advance(backfill);
        }

        return true;
    }

    /// <summary>Asks the timetable for the dates, off the loop, and one of somebody else for a bounded while.</summary>
    private async Task<IReadOnlyList<ScheduledFire>> FiresAsync(Dag dag, BackfillRequest request)
    {
        var now = Now();
        if (GuardedTimetable.IsOurs(dag.Timetable))
        {
            return BackfillPlan.Fires(dag, dag.Timetable, request, now);
        }

        var guarded = new GuardedTimetable(dag.Timetable, 2 * BackfillPlan.DatesMax);
        try
        {
            return await Task.Factory.StartNew(
                () => BackfillPlan.Fires(dag, guarded, request, now), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(_options.TimetableTimeout, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new TimetableException($"the timetable of DAG '{dag.Id}' did not answer within {_options.TimetableTimeout}.", exception);
        }
    }

    private BackfillAnswer Begin(
        LiveDag dag, BackfillRequest request, IReadOnlyList<ScheduledFire> fires, IReadOnlyList<DagRun> existing, long? reservedId)
    {
        var plan = BackfillPlan.Make(request, fires, existing);
        if (request.IsDryRun)
        {
            return new BackfillAnswer(null, plan);
        }

        if (dag.Backfill is { } other)
        {
            throw new OrchestratorException(
                ErrorKind.Conflict, $"DAG '{dag.Dag.Id}' has backfill {other.Record.Id} in progress: wait for it or cancel it.");
        }

        var record = new Backfill { Id = reservedId ?? _nextBackfillId++, DagId = dag.Dag.Id, Request = request, CreatedAt = _now };
        var backfill = new LiveBackfill(record, dag, plan.Select(run => run with { BackfillId = record.Id }));
        dag.Backfill = backfill;
        _backfills.Add(record.Id, backfill);
        Batch.Backfills.Add(record);
        Batch.BackfillRuns.AddRange(backfill.Runs);
        Advance(backfill);
        return new BackfillAnswer(backfill.Record, [.. backfill.Runs]);
    }

    /// <summary>Notes runs that ended, starts the next, and ends the backfill after the last.</summary>
    private void Advance(LiveBackfill backfill)
    {
        if (backfill.Dag.IsGone)
        {
            return;
        }

        foreach (var run in backfill.Runs.Where(run => run.State == BackfillRunState.Running && !IsGoing(run)).ToList())
        {
            Keep(backfill, run with { State = BackfillRunState.Done });
        }

        while (backfill.Record.State == BackfillState.Running && backfill.Active < backfill.Record.Request.MaxActiveRuns &&
            Array.Find(backfill.Runs, run => run.State == BackfillRunState.Pending) is { } next)
        {
            if (next.RunId is null && !_runIds.HasOne())
            {
                Post(() => Advance(backfill));
                return;
            }

            Start(backfill, next);
        }

        if (backfill.Runs.All(run => run.State is BackfillRunState.Done or BackfillRunState.Skipped)
            && _backfills.ContainsKey(backfill.Record.Id))
        {
            Forget(backfill);
            Keep(backfill, backfill.Record with { State = BackfillState.Completed, EndedAt = _now });
        }
    }

    private bool IsGoing(BackfillRun run) =>
        _reloading.Contains(run.RunId!.Value) || (_runs.TryGetValue(run.RunId.Value, out var live) && !live.Record.State.IsFinal());

    private void Start(LiveBackfill backfill, BackfillRun next)
    {
        if (next.RunId is { } known)
        {
            Keep(backfill, next with { State = BackfillRunState.Running });
            _reloading.Add(known);
            _effects.Add(() => Send(RerunAsync(backfill, known)));
            return;
        }

        CreateRun(backfill.Dag, DagRunKind.Backfill, next.Fire, run =>
        {
            // The place is taken before the run starts, because a run of skips may end within this call.
            Keep(backfill, next with { State = BackfillRunState.Running, RunId = run.Id });
            if (!(run.LogicalDate <= backfill.Dag.LastFire?.LogicalDate))
            {
                backfill.Dag.Filled.Add(run.LogicalDate);
            }

            return run with { Conf = backfill.Record.Request.Conf };
        });
    }

    private async Task RerunAsync(LiveBackfill backfill, long runId)
    {
        try
        {
            var run = await LoadEndedAsync(runId, CancellationToken.None).ConfigureAwait(false);
            Post(() =>
            {
                _reloading.Remove(runId);
                if (run is { Dag.IsGone: false } && !_runs.ContainsKey(runId) && backfill.Record.State != BackfillState.Cancelled)
                {
                    Reprocess(run, backfill.Record.Request.Conf);
                }

                Advance(backfill);
            });
        }
#pragma warning disable CA1031 // A store that cannot be read is the end of this scheduler, or of its term.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            FailToRead($"run {runId}", exception);
        }
    }

    /// <summary>A date has one run: one that the schedule takes before a backfill in progress comes to it is not the backfill's any more.</summary>
    private DagRun LeaveToSchedule(LiveDag dag, DagRun run)
    {
        if (dag.Backfill is { } backfill && Array.Find(backfill.Runs, date => date is { State: BackfillRunState.Pending, RunId: null }
            && date.Fire.LogicalDate == run.LogicalDate) is { } date)
        {
            Keep(backfill, date with { State = BackfillRunState.Skipped, RunId = run.Id, Note = $"run {run.Id} is in flight" });
        }

        return run;
    }

    private void Keep(LiveBackfill backfill, BackfillRun run)
    {
        backfill.Runs[run.Ordinal] = run;
        Batch.BackfillRuns.Add(run);
    }

    private void Keep(LiveBackfill backfill, Backfill record)
    {
        backfill.Record = record;
        Batch.Backfills.Add(record);
    }

    private void Forget(LiveBackfill backfill)
    {
        _backfills.Remove(backfill.Record.Id);
        backfill.Dag.Backfill = null;
    }

    private void LoadBackfills(UnfinishedWork work, Dictionary<string, LiveDag> dags)
    {
        _nextBackfillId = Math.Max(_nextBackfillId, work.NextBackfillId);
        foreach (var record in work.Backfills)
        {
            if (dags.TryGetValue(record.DagId, out var dag))
            {
                var backfill = new LiveBackfill(record, dag, work.BackfillRuns.Where(run => run.BackfillId == record.Id));
                dag.Backfill = backfill;
            }
        }
    }

    /// <summary>Which dates that the schedule has yet to come to have a run of a backfill. Only DAGs that had one are looked at.</summary>
    private async Task LoadFilledAsync(Dictionary<string, LiveDag> dags, CancellationToken cancellationToken)
    {
        var ranges = (await _store.ListBackfillsAsync(null, cancellationToken).ConfigureAwait(false)).Where(backfill => dags.ContainsKey(backfill.DagId))
            .GroupBy(backfill => backfill.DagId, backfill => backfill.Request, StringComparer.Ordinal);
        foreach (var requests in ranges)
        {
            var dag = dags[requests.Key];
            var (from, to) = (dag.LastFire?.LogicalDate.AddTicks(1) ?? requests.Min(request => request.From), requests.Max(request => request.To));
            if (dag.Dag.Timetable.FiresByClock && from <= to)
            {
                var range = new BackfillRequest { From = from, To = to };
                dag.Filled.UnionWith((await ListExistingAsync(requests.Key, range, cancellationToken).ConfigureAwait(false)).Select(run => run.LogicalDate));
            }
        }
    }
}
