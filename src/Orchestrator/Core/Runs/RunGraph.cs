using System.Diagnostics;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>The tasks of one run in memory, with counters instead of scans: a task that ends touches only its direct downstream.</summary>
/// <remarks>Not thread-safe: owned by the scheduler's loop. No I/O and no clock.</remarks>
internal sealed class RunGraph
{
    private readonly TaskNode[] _nodes;
    private readonly Action<LiveTask, TaskState> _changed;
    private readonly Queue<TaskNode> _undecided = [];
    private bool _isCascading;

    /// <param name="dag">The structure.</param>
    /// <param name="runId">The run.</param>
    /// <param name="stored">Instances that left <see cref="TaskState.None"/> before.</param>
    /// <param name="changed">Told of every step, with the state before.</param>
    public RunGraph(Dag dag, long runId, IEnumerable<TaskInstance> stored, Action<LiveTask, TaskState> changed)
    {
        Dag = dag;
        _changed = changed;
        _nodes = [.. dag.Tasks.Select(task => new TaskNode(task, runId))];
        foreach (var instance in stored)
        {
            _nodes[instance.Key.TaskNumber].Load(instance);
        }

        Recount();
    }

    public Dag Dag { get; }

    /// <summary>Instances that have not ended.</summary>
    public int Unfinished { get; private set; }

    public IReadOnlyList<TaskNode> Nodes => _nodes;

    public LiveTask? Find(TaskKey key) =>
        key.TaskNumber < 0 || key.TaskNumber >= _nodes.Length ? null : _nodes[key.TaskNumber].Find(key.MapIndex);

    /// <summary>Decides every task that has not been decided: at the start of a run, after a restart, after a clear.</summary>
    public void Advance()
    {
        foreach (var node in _nodes)
        {
            _undecided.Enqueue(node);
        }

        Cascade();
    }

    /// <summary>Takes a step and what follows from it, until nothing changes.</summary>
    /// <exception cref="InvalidOperationException">The step is not in <see cref="TaskTransitions"/>.</exception>
    public void Move(LiveTask task, TaskState to)
    {
        Step(task, to);
        Cascade();
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
        Unfinished += (from.IsFinal() ? 1 : 0) - (to.IsFinal() ? 1 : 0);
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
            node.Upstream.Count(from, by: -1);
            node.Upstream.Count(to);
            _undecided.Enqueue(node);
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
            while (_undecided.TryDequeue(out var node))
            {
                Decide(node);
            }
        }
        finally
        {
            _isCascading = false;
        }
    }

    private void Decide(TaskNode node)
    {
        var decision = TriggerRules.Decide(node.Task.Rule, node.Upstream);
        if (decision == TriggerDecision.Wait)
        {
            return;
        }

        foreach (var task in node.Instances)
        {
            if (task.State == TaskState.None)
            {
                Step(task, decision switch
                {
                    TriggerDecision.Run => TaskState.Ready,
                    TriggerDecision.Skip => TaskState.Skipped,
                    _ => TaskState.UpstreamFailed,
                });
            }
        }
    }

    private void Recount()
    {
        Unfinished = 0;
        foreach (var node in _nodes)
        {
            node.Upstream = default;
        }

        foreach (var node in _nodes)
        {
            foreach (var task in node.Instances)
            {
                Unfinished += task.State.IsFinal() ? 0 : 1;
                foreach (var downstream in node.Task.DownstreamNumbers)
                {
                    _nodes[downstream].Upstream.Total++;
                    _nodes[downstream].Upstream.Count(task.State);
                }
            }
        }
    }
}
