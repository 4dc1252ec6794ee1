using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Being one of several schedulers: DAGs come and go, pools are shared, and a term can end at any time.</summary>
internal sealed partial class Scheduler
{
    /// <summary>How long a busy DAG that should go to another scheduler starts nothing; then it goes on here for as long again.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);

    private long _clockOffsetTicks;
    private bool _arePoolsStale;
    private bool _mayShareAgain = true;
    private long _membersVersion = -1;

    /// <summary>Told when the loop found that its term is over. Called on the loop.</summary>
    public Action? TermEnded { get; set; }

    /// <summary>Goes by the store's clock from now on.</summary>
    public void SetClock(DateTimeOffset now) =>
        Interlocked.Exchange(ref _clockOffsetTicks, now.UtcTicks - _time.GetUtcNow().UtcTicks);

    /// <summary>Begins a term. Off the loop only before it runs.</summary>
    public void Begin(long term)
    {
        Volatile.Write(ref _term, term);
        _runIds.Drop();
    }

    /// <summary>Whether a DAG is this scheduler's now.</summary>
    public bool Owns(string dagId) => _dags.ContainsKey(dagId);

    /// <summary>How many DAGs are this scheduler's now.</summary>
    public int OwnedCount => _dags.Count;

    /// <summary>Reads DAGs that became this session's and takes them up.</summary>
    public async Task AdoptAsync(long term, IReadOnlyCollection<string> dagIds, CancellationToken cancellationToken)
    {
        var adoption = await LoadAsync(dagIds, cancellationToken).ConfigureAwait(false);
        await AskAsync(
            () =>
            {
                if (_term == term)
                {
                    LogAdopted(adoption.Dags.Count, adoption.Runs.Count);
                    _runIds.Drop();
                    Install(adoption);
                    Resume(adoption);
                    _arePoolsStale = true;
                    foreach (var id in adoption.Dags.Keys)
                    {
                        _unlooked.Enqueue(id);
                    }

                    TookUp?.Invoke();
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes in what a beat said: who else there is, and which DAGs should go. Gives those that can go now; they are forgotten.</summary>
    public Task<IReadOnlyList<string>> HeedAsync(FleetBeat beat, CancellationToken cancellationToken) => AskAsync(
        () =>
        {
            // Signals get lost: what others lack, and what this scheduler no longer wants, is looked after at each beat too.
            _arePoolsStale |= _membersVersion != beat.MembersVersion || beat.ArePoolsShort
                || _pools.Values.Any(pool => pool.LastDemand != Demand(pool));
            _membersVersion = beat.MembersVersion;

            _mayShareAgain = true;
            return Leave(beat);
        },
        cancellationToken);

    /// <summary>Slots may have come free elsewhere, or are wanted there.</summary>
    public void ShareAgain() => Post(() => (_arePoolsStale, _mayShareAgain) = (true, true));

    /// <summary>A pool was set by hand. On the loop.</summary>
    public bool SetPool(string name, int slots)
    {
        if (_fleet is not null)
        {
            (_arePoolsStale, _mayShareAgain) = (true, true);
        }
        else if (_pools.TryGetValue(name, out var pool))
        {
            pool.Slots = pool.Held = slots;
        }

        return true;
    }

    /// <summary>Ends the term: everything is forgotten, tries are stopped, and those who wait are told to ask again.</summary>
    public Task ForgetAsync(long term, OrchestratorStoreException reason, CancellationToken cancellationToken) => AskAsync(
        () =>
        {
            if (_term == term)
            {
                Forget(reason);
            }

            return true;
        },
        cancellationToken);

    /// <summary>In a fleet the term ends, and all is read again; alone the loop ends with the error.</summary>
    private void FailToRead(string what, Exception exception) => Post(() =>
    {
        var reason = new OrchestratorStoreException(ErrorKind.Unavailable, $"{what} could not be read.", exception);
        if (_fleet is null)
        {
            throw reason;
        }

        Forget(reason);
    });

    private void Arm(LiveDag dag, DateTimeOffset due, Action action) => _timers.Add(due, () =>
    {
        if (!dag.IsGone)
        {
            action();
        }
    });

    private async ValueTask ReserveRunIdsAsync()
    {
        if (_fleet is null || _term == 0 || _runIds.Wanted is not (> 0 and var count))
        {
            return;
        }

        try
        {
            _runIds.Fill(await _fleet.ReserveRunIdsAsync(count, CancellationToken.None).ConfigureAwait(false), count);
        }
        catch (OrchestratorStoreException exception)
        {
            Forget(exception);
        }
    }

    private void Forget(OrchestratorStoreException reason)
    {
        LogForgotten(_term, _dags.Count, reason);
        Volatile.Write(ref _term, 0);
        Drop([.. _dags.Values]);
        _dirtyRuns.Clear();
        _dirtyTasks.Clear();
        _batch = null;
        _effects.Clear();
        var error = new OrchestratorException(
            ErrorKind.Unavailable, "the scheduler lost its term before this was written: look whether it was done, and ask again.", reason);
        foreach (var answer in _answersOfStep)
        {
            answer.Fail(error);
        }

        _answersOfStep.Clear();
        foreach (var pool in _pools.Values)
        {
            pool.Held = 0;
        }

        TermEnded?.Invoke();
    }

    /// <summary>DAGs without tries go first. Those with tries start no more for a while; what is idle at a later beat then goes.</summary>
    private IReadOnlyList<string> Leave(FleetBeat beat)
    {
        var busy = BusyDags();
        var outdated = Owned(beat.Outdated).ToHashSet();
        var going = outdated.Except(busy).ToHashSet();
        var others = Owned(beat.Givable).Where(dag => !outdated.Contains(dag)).ToList();
        var idle = others.Where(dag => !busy.Contains(dag)).Take(beat.Excess).ToList();
        going.UnionWith(idle);
        foreach (var dag in outdated.Intersect(busy).Concat(others.Where(busy.Contains).Take(beat.Excess - idle.Count)))
        {
            AskToLeave(dag);
        }

        Drop(going);
        return [.. going.Select(dag => dag.Dag.Id)];
    }

    private IEnumerable<LiveDag> Owned(IEnumerable<string> dagIds) =>
        dagIds.Select(id => _dags.GetValueOrDefault(id)).OfType<LiveDag>();

    private void AskToLeave(LiveDag dag)
    {
        if (dag.LeavesBy is null && !dag.StaysUntil(_now))
        {
            var leavesBy = _now + LeaveWithin;
            dag.LeavesBy = leavesBy;
            Arm(dag, leavesBy, () => dag.Stay(_now + LeaveWithin));
        }
    }

    /// <summary>DAGs with a try that ends with this scheduler.</summary>
    private HashSet<LiveDag> BusyDags() =>
    [
        .. _attempts.Where(pair => !pair.Value.Outlives).Select(pair => _runs.GetValueOrDefault(pair.Key.RunId)?.Dag).OfType<LiveDag>(),
    ];

    /// <summary>Forgets DAGs. What the current step changed of them is still written with it.</summary>
    private void Drop(HashSet<LiveDag> dags)
    {
        if (dags.Count == 0)
        {
            return;
        }

        foreach (var dag in dags)
        {
            dag.IsGone = true;
            _dags.TryRemove(dag.Dag.Id, out _);
            AwaitNoMore(dag);
            _looksBack.Remove(dag);
            if (dag.Backfill is { } backfill)
            {
                _backfills.Remove(backfill.Record.Id);
            }
        }

        foreach (var run in _runs.Values.Where(run => run.Dag.IsGone).ToList())
        {
            Drop(run);
        }
    }

    private void Drop(LiveRun run)
    {
        _runs.Remove(run.Record.Id);
        _endedStates.Remove(run.Record.Id);
        if (_runWaiters.Remove(run.Record.Id, out var waiters))
        {
            // They look into the store from now on.
            waiters.ForEach(waiter => waiter.TrySetResult(null));
        }

        foreach (var task in run.Graph?.Tasks ?? [])
        {
            if (task.State.HoldsSlots())
            {
                _pools[task.Definition.Pool].Use(run.Dag, task.Definition.Priority, -task.Definition.PoolSlots);
            }

            if (_attempts.Remove(task.Key, out var attempt))
            {
                attempt.LetGo();
            }
        }
    }

    /// <summary>
    /// After a step is written: what this scheduler uses is then what the store says it uses, so slots that are given away here are free
    /// there too.
    /// </summary>
    private async ValueTask SharePoolsAsync()
    {
        if (_fleet is null || _term == 0)
        {
            return;
        }

        var pools = _pools.Values.Where(NeedsExchange).ToList();
        if (pools.Count == 0)
        {
            return;
        }

        var demands = new List<PoolDemand>();
        foreach (var pool in pools)
        {
            (pool.LastDemand, pool.Peak) = (Demand(pool), pool.Used);
            demands.Add(pool.LastDemand);
        }

        (_arePoolsStale, _mayShareAgain) = (false, false);
        try
        {
            foreach (var grant in await _fleet.ShareAsync(_term, demands, CancellationToken.None).ConfigureAwait(false))
            {
                Take(grant);
            }
        }
        catch (OrchestratorStoreException exception)
        {
            Forget(exception);
        }
    }

    private bool NeedsExchange(TaskPool pool) =>
        _arePoolsStale || (pool.Waiting > 0 && pool.Free < pool.AtOnce && pool.Held < pool.Slots && (_mayShareAgain || IsNewlyShort(pool))) ||
        (pool.IsWanted && pool.HasShrunk());

    /// <summary>Others do not know yet that anything waits here: nothing did when slots were exchanged last.</summary>
    private static bool IsNewlyShort(TaskPool pool) => pool.LastDemand.AtOnce == 0 && pool.TopPriority is not null;

    private static PoolDemand Demand(TaskPool pool)
    {
        var dags = pool.Demands().ToList();
        var priority = pool.TopPriority;
        return new PoolDemand(
            pool.Name, pool.Used, (int)Math.Min(pool.Slots, dags.Sum(dag => (long)dag.Wanted)), priority is null ? 0 : Math.Min(pool.AtOnce, pool.Slots),
            DagDemands.Write(dags), priority ?? 0);
    }

    private void Take(PoolGrant grant)
    {
        var pool = _pools[grant.Pool];
        var isMore = grant.Held > pool.Held;
        (pool.Slots, pool.Held, pool.IsWanted) = (grant.Slots, grant.Held, grant.IsWanted);
        if (isMore && pool.Waiting > 0)
        {
            Post(static () => { });
        }
    }

    [LoggerMessage(EventId = 3050, Level = LogLevel.Warning, Message = "Term {Term} is over: {Dags} DAGs are forgotten, to be read again")]
    private partial void LogForgotten(long term, int dags, Exception reason);

    [LoggerMessage(EventId = 3051, Level = LogLevel.Information, Message = "{Dags} DAGs with {Runs} unfinished runs are scheduled here from now on")]
    private partial void LogAdopted(int dags, int runs);
}
