namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>One DAG among those of a priority: its ready tasks, and the slots it may still start in this turn.</summary>
internal sealed class FairShare(LiveDag dag)
{
    private readonly Dictionary<(LiveRun, string?, int), TaskLane> _lanes = [];
    private readonly SortedSet<TaskLane> _order = [];
    private bool _hasTurn;

    public LiveDag Dag { get; } = dag;

    public bool IsEmpty => _order.Count == 0;

    /// <summary>Slots that its ready tasks could take now: those that limits hold back want none. At most; lanes that share a limit count it each.</summary>
    public long SlotsWanted()
    {
        var left = MayStart ? Dag.Dag.MaxActiveTasks - Dag.ActiveTasks : 0;
        var slots = 0L;
        foreach (var lane in _order)
        {
            var count = Math.Min(left, Math.Min(lane.Count, Math.Max(0, lane.Head!.Room)));
            slots += (long)count * lane.Head.Task.Definition.PoolSlots;
            left -= count;
            if (left <= 0)
            {
                break;
            }
        }

        return slots;
    }

    /// <summary>Whether its first task may start, as far as its DAG is concerned.</summary>
    public bool MayStart => _order.Min?.Head?.MayStart == true;

    /// <summary>Slots it may start before the next DAG has its turn. What a turn leaves over counts in the next one.</summary>
    public long Deficit { get; private set; }

    public void Add(ReadyTask ready)
    {
        var key = TaskLane.KeyOf(ready);
        if (_lanes.TryGetValue(key, out var lane))
        {
            _order.Remove(lane);
        }
        else
        {
            _lanes[key] = lane = new TaskLane();
        }

        lane.Add(ready);
        _order.Add(lane);
    }

    /// <summary>Begins a turn, unless one is going on.</summary>
    /// <param name="quantum">Slots of a turn, at least those of the widest task: so a turn always suffices for one.</param>
    public void Begin(long quantum)
    {
        Deficit = _hasTurn ? Deficit : Math.Min(Deficit + quantum, 2 * quantum);
        _hasTurn = true;
    }

    public void EndTurn() => _hasTurn = false;

    /// <summary>The first task that may start and fits, by logical date; null when there is none.</summary>
    /// <param name="pool">Says what fits.</param>
    /// <param name="dropped">Stale entries that were thrown away.</param>
    public ReadyTask? Find(TaskPool pool, ref int dropped)
    {
        while (true)
        {
            TaskLane? stale = null;
            foreach (var lane in _order)
            {
                var head = lane.Head!;
                if (head.IsStale)
                {
                    stale = lane;
                    break;
                }

                if (!head.MayStart)
                {
                    return null;
                }

                if (!head.IsHeldBack && pool.Fits(head))
                {
                    return head;
                }
            }

            if (stale is null)
            {
                return null;
            }

            TakeFrom(stale, TaskLane.KeyOf(stale.Head!));
            dropped++;
        }
    }

    /// <summary>Takes out what <see cref="Find"/> found.</summary>
    public void Take(ReadyTask found)
    {
        var key = TaskLane.KeyOf(found);
        TakeFrom(_lanes[key], key);
        Deficit -= found.Task.Definition.PoolSlots;
        if (Deficit <= 0)
        {
            EndTurn();
        }
    }

    private void TakeFrom(TaskLane lane, (LiveRun, string?, int) key)
    {
        _order.Remove(lane);
        lane.Take();
        if (lane.Head is null)
        {
            _lanes.Remove(key);
        }
        else
        {
            _order.Add(lane);
        }
    }
}
