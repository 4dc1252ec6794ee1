namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Ready tasks of one priority: the DAGs take turns, each in order of logical date.</summary>
internal sealed class PriorityLevel
{
    /// <summary>How far one DAG's queue is searched past tasks that do not fit.</summary>
    private const int LookAheadMax = 64;

    private readonly Dictionary<LiveDag, PriorityQueue<ReadyTask, (DateTimeOffset, long, int, int)>> _queues = [];
    private readonly LinkedList<LiveDag> _turns = [];

    public bool IsEmpty => _turns.Count == 0;

    public void Add(ReadyTask ready)
    {
        var dag = ready.Run.Dag;
        if (!_queues.TryGetValue(dag, out var queue))
        {
            _queues[dag] = queue = new();
            _turns.AddLast(dag);
        }

        queue.Enqueue(ready, ready.Order);
    }

    /// <param name="pool">Says what fits.</param>
    /// <param name="dropped">Stale entries that were thrown away.</param>
    public ReadyTask? Take(TaskPool pool, out int dropped)
    {
        dropped = 0;
        for (var node = _turns.First; node is not null;)
        {
            var next = node.Next;
            var queue = _queues[node.Value];
            var taken = TakeFrom(queue, pool, ref dropped);
            if (queue.Count == 0)
            {
                _queues.Remove(node.Value);
                _turns.Remove(node);
            }
            else if (taken is not null)
            {
                _turns.Remove(node);
                _turns.AddLast(node);
            }

            if (taken is not null)
            {
                return taken;
            }

            node = next;
        }

        return null;
    }

    private static ReadyTask? TakeFrom(PriorityQueue<ReadyTask, (DateTimeOffset, long, int, int)> queue, TaskPool pool, ref int dropped)
    {
        List<ReadyTask>? passed = null;
        ReadyTask? taken = null;
        while (taken is null && (passed?.Count ?? 0) < LookAheadMax && queue.TryPeek(out var head, out _))
        {
            if (head.IsStale)
            {
                queue.Dequeue();
                dropped++;
            }
            else if (!head.MayStart)
            {
                break;
            }
            else if (!head.IsHeldBack && pool.Fits(head))
            {
                taken = queue.Dequeue();
            }
            else
            {
                (passed ??= []).Add(queue.Dequeue());
            }
        }

        foreach (var ready in passed ?? [])
        {
            queue.Enqueue(ready, ready.Order);
        }

        return taken;
    }
}
