namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Ready tasks of one DAG that the same limits hold back and that take the same slots, by logical date: what is true of the first is true of
/// all, so a lane that is held back is passed over in one look.</summary>
internal sealed class TaskLane : IComparable<TaskLane>
{
    private readonly PriorityQueue<ReadyTask, (DateTimeOffset LogicalDate, long RunId, int Number, int MapIndex)> _queue = new();

    /// <summary>The first task; null when the lane is empty.</summary>
    public ReadyTask? Head { get; private set; }

    /// <summary>Tasks, including a few that were cancelled meanwhile.</summary>
    public int Count => _queue.Count;

    /// <summary>What lanes of a DAG with the same key have in common.</summary>
    public static (LiveRun Run, string? LimitedTask, int Slots) KeyOf(ReadyTask ready)
    {
        var task = ready.Task.Definition;
        return (ready.Run, task.MaxActive > 0 || task.MaxActivePerRun > 0 ? task.Id : null, task.PoolSlots);
    }

    /// <summary>Adds a task. The lane must not be in an ordered set meanwhile.</summary>
    public void Add(ReadyTask ready)
    {
        _queue.Enqueue(ready, ready.Order);
        Head = _queue.Peek();
    }

    /// <summary>Takes the first task out. The lane must not be in an ordered set meanwhile.</summary>
    public ReadyTask Take()
    {
        var taken = _queue.Dequeue();
        Head = _queue.TryPeek(out var next, out _) ? next : null;
        return taken;
    }

    public int CompareTo(TaskLane? other) => Head!.Order.CompareTo(other!.Head!.Order);
}
