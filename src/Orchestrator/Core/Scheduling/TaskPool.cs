namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Slots, and the ready tasks that want them: by priority, and fairly between DAGs of the same priority.</summary>
/// <remarks>
/// Limits are looked at while choosing, never after, so tasks that may not start yet do not keep others from starting.
/// A task that needs more slots than are free is passed over a bounded number of times; then the pool is kept free for it, but for tasks of a higher
/// priority, and not for ever: when what runs does not end, smaller tasks have their turn again.
/// </remarks>
internal sealed class TaskPool(string name, int slots, int skipsMax, TimeSpan patience)
{
    private readonly SortedDictionary<int, PriorityLevel> _levels = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly Dictionary<(LiveDag Dag, int Priority), int> _usedBy = [];
    private readonly HashSet<ReadyTask> _passed = [];
    private ReadyTask? _reserved;
    private DateTimeOffset _reservedUntil;

    public string Name { get; } = name;

    /// <summary>Slots in all.</summary>
    public int Slots { get; set; } = slots;

    /// <summary>Slots this scheduler may use: all of them, or its share where several schedulers work.</summary>
    public int Held { get; set; } = slots;

    public int Used { get; private set; }

    /// <summary>Ready tasks waiting here, including a few that were cancelled meanwhile.</summary>
    public int Waiting { get; private set; }

    public int Free => Held - Used;

    /// <summary>Whether another scheduler could use slots that become free here.</summary>
    public bool IsWanted { get; set; }

    /// <summary>What slots were exchanged for last.</summary>
    public Metadata.PoolDemand LastDemand { get; set; }

    /// <summary>The most slots used since they were last exchanged.</summary>
    public int Peak { get; set; }

    /// <summary>Slots of the largest task that was offered since none waited.</summary>
    public int AtOnce { get; private set; }

    /// <summary>Whether slots became free, and stayed so, since they were last exchanged.</summary>
    public bool HasShrunk()
    {
        Peak = Math.Max(Peak, Used);
        return Used < Peak;
    }

    /// <summary>A task of a DAG takes slots, or gives them back.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="priority">Of the task.</param>
    /// <param name="slots">How many; negative to give back.</param>
    public void Use(LiveDag dag, int priority, int slots)
    {
        Used += slots;
        var used = _usedBy.GetValueOrDefault((dag, priority)) + slots;
        if (used == 0)
        {
            _usedBy.Remove((dag, priority));
        }
        else
        {
            _usedBy[(dag, priority)] = used;
        }
    }

    /// <summary>What each DAG wants, by priority: slots it uses, and those its waiting tasks could take now.</summary>
    public IEnumerable<(int Wanted, int Weight, int Priority)> Demands()
    {
        var wanted = _usedBy.ToDictionary(pair => pair.Key, pair => (long)pair.Value);
        foreach (var (priority, level) in _levels)
        {
            foreach (var (dag, slots) in level.Demands())
            {
                wanted[(dag, priority)] = wanted.GetValueOrDefault((dag, priority)) + slots;
            }
        }

        return wanted.Select(pair => ((int)Math.Min(Slots, pair.Value), pair.Key.Dag.Dag.Weight, pair.Key.Priority));
    }

    /// <summary>The highest priority of waiting tasks that may start; null when none may.</summary>
    public int? TopPriority => _levels.Where(level => level.Value.Demands().Any()).Select(level => (int?)level.Key).FirstOrDefault();

    public void Add(ReadyTask ready)
    {
        var priority = ready.Task.Definition.Priority;
        if (!_levels.TryGetValue(priority, out var level))
        {
            _levels[priority] = level = new PriorityLevel();
        }

        level.Add(ready);
        AtOnce = Math.Max(Waiting > 0 ? AtOnce : 0, ready.Task.Definition.PoolSlots);
        Waiting++;
    }

    /// <summary>The task that the pool is kept free for; null for none.</summary>
    public ReadyTask? Reserved => _reserved is { IsStale: false, MayStart: true, IsHeldBack: false } ? _reserved : null;

    /// <summary>When a reservation that could not be met is given up; null for none.</summary>
    public DateTimeOffset? ReservedUntil => Reserved is null ? null : _reservedUntil;

    /// <summary>The <see cref="ReservedUntil"/> that the loop has a timer for.</summary>
    public DateTimeOffset? ReservationArmed { get; set; }

    /// <summary>Takes the next task that may start and fits; null when there is none.</summary>
    /// <param name="now">The present.</param>
    public ReadyTask? Take(DateTimeOffset now)
    {
        if (Free <= 0 || Waiting == 0)
        {
            return null;
        }

        if (Reserved is { } holder)
        {
            if (holder.Task.Definition.PoolSlots <= Free)
            {
                // Its entry stays in the queue, where it is stale once the task has started.
                _reserved = null;
                return holder;
            }

            if (now < _reservedUntil)
            {
                return TakeByPriority(above: holder.Task.Definition.Priority);
            }

            // What runs does not end: the slots that are free serve smaller tasks for a while again.
            holder.Skips = 0;
        }

        _reserved = null;
        _passed.Clear();
        var taken = TakeByPriority(above: null);
        if (taken is not null)
        {
            CountPassed(taken, now);
        }

        return taken;
    }

    /// <summary>Whether a task fits now. One that does not is remembered as passed over, in case another is taken.</summary>
    public bool Fits(ReadyTask ready)
    {
        if (ready.Task.Definition.PoolSlots <= Free)
        {
            return true;
        }

        _passed.Add(ready);
        return false;
    }

    /// <summary>Says what goes before the tasks of a priority.</summary>
    public (int HigherTasks, int Dags) Before(int priority) => (
        _levels.Where(level => level.Key > priority).Sum(level => level.Value.Waiting), _levels.TryGetValue(priority, out var own) ? own.Dags : 0);

    private ReadyTask? TakeByPriority(int? above)
    {
        foreach (var (priority, level) in _levels)
        {
            if (priority <= above)
            {
                return null;
            }

            var taken = level.Take(this, out var dropped);
            Waiting -= dropped + (taken is null ? 0 : 1);
            if (level.IsEmpty)
            {
                // The enumerator is not used again after this removal.
                _levels.Remove(priority);
                return taken ?? TakeByPriority(above);
            }

            if (taken is not null)
            {
                return taken;
            }
        }

        return null;
    }

    private void CountPassed(ReadyTask taken, DateTimeOffset now)
    {
        foreach (var ready in _passed)
        {
            if (ready != taken && ++ready.Skips > skipsMax && _reserved is null)
            {
                (_reserved, _reservedUntil) = (ready, now + patience);
            }
        }
    }
}
