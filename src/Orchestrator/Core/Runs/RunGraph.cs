using System.Diagnostics;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>The tasks of one run in memory, with counters instead of scans: a task that ends touches only its direct downstream.</summary>
/// <remarks>Not thread-safe: owned by the scheduler's loop. No I/O and no clock.</remarks>
internal sealed partial class RunGraph
{
    private readonly TaskNode[] _nodes;
    private readonly IRunValues _values;
    private readonly Action<LiveTask, TaskState> _changed;
    private readonly List<LiveGroup> _groups;

    /// <summary>Tasks to decide: one instance of a mapped group's task, or all instances of a task.</summary>
    private readonly Queue<(TaskNode Node, LiveTask? Only)> _undecided = [];
    private bool _isCascading;

    /// <param name="dag">The structure.</param>
    /// <param name="runId">The run.</param>
    /// <param name="stored">Instances that left <see cref="TaskState.None"/> before.</param>
    /// <param name="values">What tasks pushed.</param>
    /// <param name="changed">Told of every step, with the state before.</param>
    public RunGraph(Dag dag, long runId, IEnumerable<TaskInstance> stored, IRunValues values, Action<LiveTask, TaskState> changed)
    {
        Dag = dag;
        _values = values;
        _changed = changed;
        _nodes = [.. dag.Tasks.Select(task => new TaskNode(task, runId))];
        foreach (var instance in stored)
        {
            _nodes[instance.Key.TaskNumber].Load(instance);
        }

        _groups = MakeGroups();
        FillGroups();
        Recount();
        RefreshExclusions();
    }

    public Dag Dag { get; }

    /// <summary>Instances that have not ended.</summary>
    public int Unfinished { get; private set; }

    public IReadOnlyList<TaskNode> Nodes => _nodes;

    public IEnumerable<LiveTask> Tasks => _nodes.SelectMany(node => node.Instances);

    public LiveTask? Find(TaskKey key) =>
        key.TaskNumber < 0 || key.TaskNumber >= _nodes.Length ? null : _nodes[key.TaskNumber].Find(key.MapIndex);

    /// <summary>Decides every task that has not been decided: at the start of a run, after a restart, after a clear.</summary>
    public void Advance()
    {
        foreach (var node in _nodes)
        {
            _undecided.Enqueue((node, null));
        }

        Cascade();
    }

    /// <summary>Takes a step and what follows from it, until nothing changes.</summary>
    /// <exception cref="InvalidOperationException">The step is not in <see cref="TaskTransitions"/>.</exception>
    public void Move(LiveTask task, TaskState to)
    {
        Step(task, to);
        if (task.State == TaskState.Success && task.Definition.Body is BranchBody or ShortCircuitBody)
        {
            ApplyDecision(task);
        }

        Cascade();
    }

    /// <summary>Takes steps without what follows from them; <see cref="Advance"/> then settles all at once.</summary>
    public void Clear(IEnumerable<LiveTask> tasks)
    {
        foreach (var task in tasks)
        {
            if (!task.State.IsFinal())
            {
                Step(task, TaskState.Cancelled);
            }

            Step(task, TaskState.None);
        }

        _undecided.Clear();
        RefreshExclusions();
    }

    /// <summary>Cancels what is left of a run that ends. Nothing follows from it: such a run starts no task and makes no instance.</summary>
    public void Cancel(IEnumerable<LiveTask> tasks)
    {
        foreach (var task in tasks)
        {
            Step(task, TaskState.Cancelled);
        }

        _undecided.Clear();
    }

    /// <summary>The state of a run whose tasks have all ended: only its leaves count.</summary>
    public DagRunState Verdict()
    {
        Debug.Assert(Unfinished == 0, "A verdict is for runs that have ended.");
        var isBad = Dag.Leaves.SelectMany(leaf => _nodes[leaf].Instances)
            .Any(task => task.State is TaskState.Failed or TaskState.UpstreamFailed or TaskState.Cancelled);
        return isBad ? DagRunState.Failed : DagRunState.Success;
    }

    private void Step(LiveTask task, TaskState to)
    {
        var from = task.State;
        if (!TaskTransitions.IsAllowed(from, to))
        {
            throw new InvalidOperationException($"Task {task.Definition.Id} of run {task.Key.RunId} cannot go from {from} to {to}.");
        }

        task.State = to;
        var node = _nodes[task.Key.TaskNumber];
        var unfinished = (from.IsFinal() ? 1 : 0) - (to.IsFinal() ? 1 : 0);
        Unfinished += unfinished;
        node.Unfinished += unfinished;
        if (node.Group is { } group)
        {
            group.Touched += (LiveGroup.IsTouched(to) ? 1 : 0) - (LiveGroup.IsTouched(from) ? 1 : 0);
        }

        if (from.IsFinal() || to.IsFinal())
        {
            CountDownstream(task, from, to);
        }

        _changed(task, from);
    }

    private void CountDownstream(LiveTask task, TaskState from, TaskState to)
    {
        foreach (var number in task.Definition.DownstreamNumbers)
        {
            var node = _nodes[number];
            ref var counts = ref CountsAt(node, task, out var peer);
            counts.Count(from, task.Definition.IsSetup, by: -1);
            counts.Count(to, task.Definition.IsSetup);
            _undecided.Enqueue((node, peer));
        }
    }

    private void Cascade()
    {
        if (_isCascading)
        {
            return;
        }

        _isCascading = true;
        try
        {
            while (_undecided.TryDequeue(out var next))
            {
                Decide(next.Node, next.Only);
            }
        }
        finally
        {
            _isCascading = false;
        }
    }

    private void Decide(TaskNode node, LiveTask? only)
    {
        if (only is null ? node.Instances.All(task => task.State != TaskState.None) : only.State != TaskState.None)
        {
            return;
        }

        if (node.Group is null)
        {
            DecideAll(node);
        }
        else if (TryPrepare(node.Group))
        {
            // Preparing may have put instances in the place of the one that was meant.
            foreach (var task in only is not null && node.Find(only.Key.MapIndex) == only ? [only] : Waiting(node))
            {
                DecideInGroup(node, task);
            }
        }
    }

    private void DecideAll(TaskNode node)
    {
        var decision = node.IsExcluded ? TriggerDecision.Skip : TriggerRules.Decide(node.Task.Rule, node.Upstream);
        if (decision == TriggerDecision.Run && _values.PastAllows(node.Task) && node.Task.Map is not null && node.IsUntouched
            && !TryExpand(node, out decision))
        {
            return;
        }

        foreach (var task in decision == TriggerDecision.Wait ? [] : Waiting(node))
        {
            Apply(node, task, decision);
        }
    }

    private void Apply(TaskNode node, LiveTask task, TriggerDecision decision)
    {
        if (decision == TriggerDecision.Wait || (decision == TriggerDecision.Run && !_values.PastAllows(node.Task)))
        {
            return;
        }

        Step(task, decision switch
        {
            TriggerDecision.Run => TaskState.Ready,
            TriggerDecision.Skip => TaskState.Skipped,
            _ => TaskState.UpstreamFailed,
        });
    }

    private static List<LiveTask> Waiting(TaskNode node) => [.. node.Instances.Where(task => task.State == TaskState.None)];

    /// <summary>What an instance in a mapped group decides concerns its index only, so other decisions need not be looked at again.</summary>
    private void ApplyDecision(LiveTask task)
    {
        if (task.Definition.MappedGroup is null)
        {
            RefreshExclusions();
        }
        else if (_values.DecisionOf(task.Definition, task.Key.MapIndex) is { } decision)
        {
            Exclude(task, decision);
        }
    }

    /// <summary>Marks what decisions of branches and short circuits above keep from running. Few tasks decide, so all are looked
    /// at.</summary>
    private void RefreshExclusions()
    {
        foreach (var node in _nodes)
        {
            node.IsExcluded = false;
            foreach (var task in node.Group is null ? [] : node.Instances)
            {
                task.IsExcluded = false;
            }
        }

        foreach (var node in _nodes.Where(node => node.Task.Body is BranchBody or ShortCircuitBody or MissingBody))
        {
            foreach (var task in node.Instances.Where(task => task.State == TaskState.Success))
            {
                if (_values.DecisionOf(node.Task, task.Key.MapIndex) is { } decision)
                {
                    Exclude(task, decision);
                }
            }
        }
    }

    /// <summary>Inside a mapped group a decision holds for its index and for tasks of the group.</summary>
    private void Exclude(LiveTask branch, SkipDecision decision)
    {
        bool Concerns(int number) => branch.Definition.MappedGroup is null || AreTogether(_nodes[number].Task, branch.Definition);
        var direct = branch.Definition.DownstreamNumbers.Where(Concerns).ToList();
        var kept = Descendants(direct.Where(number => decision.Chosen.Contains(_nodes[number].Task.Id)), Concerns);
        IEnumerable<int> excluded = decision.IsTransitive ? Descendants(direct, Concerns) : direct;
        foreach (var node in excluded.Where(number => !kept.Contains(number)).Select(number => _nodes[number])
            .Where(node => !node.Task.IsTeardown))
        {
            if (branch.Definition.MappedGroup is null)
            {
                node.IsExcluded = true;
                _undecided.Enqueue((node, null));
            }
            else if (node.Find(branch.Key.MapIndex) is { } peer)
            {
                peer.IsExcluded = true;
                _undecided.Enqueue((node, peer));
            }
        }
    }

    private HashSet<int> Descendants(IEnumerable<int> from, Func<int, bool> concerns)
    {
        var found = new HashSet<int>();
        var open = new Stack<int>(from);
        while (open.TryPop(out var number))
        {
            if (found.Add(number))
            {
                foreach (var next in _nodes[number].Task.DownstreamNumbers.Where(concerns))
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }
}
