namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Ready tasks of one priority: the DAGs take turns by deficit round robin over slots, each in order of logical date.</summary>
/// <remarks>M. Shreedhar, G. Varghese: Efficient Fair Queuing using Deficit Round Robin, SIGCOMM 1995.</remarks>
internal sealed class PriorityLevel
{
    private readonly Dictionary<LiveDag, LinkedListNode<FairShare>> _shares = [];
    private readonly LinkedList<FairShare> _turns = [];
    private int _widest = 1;

    public bool IsEmpty => _turns.Count == 0;

    /// <summary>DAGs that take turns here.</summary>
    public int Dags => _turns.Count;

    /// <summary>Ready tasks here, including a few that were cancelled meanwhile.</summary>
    public int Waiting { get; private set; }

    /// <summary>Slots that ready tasks could take now, by DAG.</summary>
    public IEnumerable<(LiveDag Dag, long Slots)> Demands() => 
        _turns.Select(share => (share.Dag, Slots: share.SlotsWanted())).Where(demand => demand.Slots > 0);

    public void Add(ReadyTask ready)
    {
        if (!_shares.TryGetValue(ready.Run.Dag, out var node))
        {
            _shares[ready.Run.Dag] = node = _turns.AddLast(new FairShare(ready.Run.Dag));
        }

        node.Value.Add(ready);
        _widest = Math.Max(_widest, ready.Task.Definition.PoolSlots);
        Waiting++;
    }

    /// <param name="pool">Says what fits.</param>
    /// <param name="dropped">Stale entries that were thrown away.</param>
    public ReadyTask? Take(TaskPool pool, out int dropped)
    {
        dropped = 0;
        ReadyTask? taken = null;

        // Two rounds suffice: a DAG that has too little left ends its turn in the first, and a turn pays for the widest task.
        for (var left = 2 * _turns.Count; left > 0 && taken is null && !IsEmpty; left--)
        {
            taken = TakeFrom(_turns.First!, pool, ref dropped);
        }

        Waiting -= dropped + (taken is null ? 0 : 1);
        return taken;
    }

    private ReadyTask? TakeFrom(LinkedListNode<FairShare> node, TaskPool pool, ref int dropped)
    {
        var share = node.Value;
        share.Begin((long)_widest * share.Dag.Dag.Weight);
        var found = share.Find(pool, ref dropped);
        if (found is not null && found.Task.Definition.PoolSlots <= share.Deficit)
        {
            share.Take(found);
            Rest(node, hasTurn: share.Deficit > 0);
            return found;
        }

        // It has nothing that may start and fits, or too little left in this turn for what has.
        share.EndTurn();
        Rest(node, hasTurn: false);
        return null;
    }

    /// <summary>A DAG without tasks leaves, and its deficit with it; one whose turn is over goes to the end of the line.</summary>
    private void Rest(LinkedListNode<FairShare> node, bool hasTurn)
    {
        if (node.Value.IsEmpty)
        {
            _shares.Remove(node.Value.Dag);
            _turns.Remove(node);
        }
        else if (!hasTurn)
        {
            _turns.Remove(node);
            _turns.AddLast(node);
        }
    }
}
