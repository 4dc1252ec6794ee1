namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Slots, and the ready tasks that want them: by priority, and fairly between DAGs of the same priority.</summary>
/// <remarks>
/// Limits are looked at while choosing, never after, so tasks that may not start yet do not keep others from starting.
/// A task that needs more slots than are free is passed over a bounded number of times; then the pool is kept free for it.
/// </remarks>
internal sealed class TaskPool(string name, int slots, int skipsMax)
{
    private readonly SortedDictionary<int, PriorityLevel> _levels = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly List<ReadyTask> _passed = [];
    private ReadyTask? _reserved;

    public string Name { get; } = name;

    /// <summary>Slots in all.</summary>
    public int Slots { get; set; } = slots;

    /// <summary>Slots this scheduler may use: all of them, or its share where several schedulers work.</summary>
    public int Held { get; set; } = slots;

    public int Used { get; set; }

    /// <summary>Ready tasks waiting here, including a few that were cancelled meanwhile.</summary>
    public int Waiting { get; private set; }

    public int Free => Held - Used;

    /// <summary>Whether another scheduler waits for slots that become free here.</summary>
    public bool IsWanted { get; set; }

    /// <summary>The most slots used since they were last exchanged.</summary>
    public int Peak { get; set; }

    /// <summary>Slots of the largest task that was ever offered.</summary>
    public int AtOnce { get; private set; }

    /// <summary>Whether slots became free, and stayed so, since they were last exchanged.</summary>
    public bool HasShrunk()
    {
        Peak = Math.Max(Peak, Used);
        return Used < Peak;
    }

    public void Add(ReadyTask ready)
    {
        var priority = ready.Task.Definition.Priority;
        if (!_levels.TryGetValue(priority, out var level))
        {
            _levels[priority] = level = new PriorityLevel();
        }

        level.Add(ready);
        Waiting++;
        AtOnce = Math.Max(AtOnce, ready.Task.Definition.PoolSlots);
    }

    /// <summary>Takes the next task that may start and fits; null when there is none.</summary>
    public ReadyTask? Take()
    {
        if (Free <= 0 || Waiting == 0)
        {
            return null;
        }

        if (_reserved is { IsStale: false, MayStart: true, IsHeldBack: false } holder)
        {
            return Reserved(holder);
        }

        _reserved = null;
        _passed.Clear();
        var taken = TakeByPriority();
        if (taken is not null)
        {
            CountPassed();
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

    private ReadyTask? TakeByPriority()
    {
        foreach (var (priority, level) in _levels)
        {
            var taken = level.Take(this, out var dropped);
            Waiting -= dropped + (taken is null ? 0 : 1);
            if (level.IsEmpty)
            {
                // The enumerator is not used again after this removal.
                _levels.Remove(priority);
                return taken ?? TakeByPriority();
            }

            if (taken is not null)
            {
                return taken;
            }
        }

        return null;
    }

    /// <summary>Its entry stays in the queue, where it is stale once the task has started.</summary>
    private ReadyTask? Reserved(ReadyTask holder)
    {
        if (holder.Task.Definition.PoolSlots > Free)
        {
            return null;
        }

        _reserved = null;
        return holder;
    }

    private void CountPassed()
    {
        foreach (var ready in _passed)
        {
            if (++ready.Skips > skipsMax)
            {
                _reserved ??= ready;
            }
        }
    }
}
