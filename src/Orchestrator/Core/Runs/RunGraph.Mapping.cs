namespace DataPlatform.Orchestrator.Runs;

/// <summary>Instances of mapped tasks, and the counters that depend on how many there are.</summary>
internal sealed partial class RunGraph
{
    /// <summary>Makes the instances of a mapped task once its lists are known. Again after a clear: surplus ones are removed.</summary>
    /// <param name="node">The task.</param>
    /// <param name="decision">Run; or skip for an empty list.</param>
    /// <returns>False when the lists could not be read: the task has then failed.</returns>
    private bool TryExpand(TaskNode node, out TriggerDecision decision)
    {
        decision = TriggerDecision.Run;
        if (_values.MapLength(node.Task.Map!, node.Task.MapLengthMax, node.Task.Id, out var reason) is not { } length)
        {
            FailToExpand(node, reason);
            return false;
        }

        foreach (var surplus in node.Instances.Where(task => task.Key.MapIndex >= length && task.State == TaskState.None).ToList())
        {
            Step(surplus, TaskState.Removed);
        }

        for (var index = 0; index < length; index++)
        {
            if (node.Find(index) is not { } known)
            {
                Count(node.Add(index), 1);
            }
            else if (known.State == TaskState.Removed)
            {
                Step(known, TaskState.None);
            }
        }

        var placeholder = node.Find(-1);
        if (length == 0)
        {
            decision = TriggerDecision.Skip;
            if (placeholder is null)
            {
                Count(node.Add(-1), 1);
            }
        }
        else if (placeholder is not null)
        {
            node.Drop(placeholder);
            Count(placeholder, -1);
        }

        return true;
    }

    private void FailToExpand(TaskNode node, string? reason)
    {
        foreach (var task in node.Instances.Where(task => task.State == TaskState.None).ToList())
        {
            task.Note = reason;
            Step(task, TaskState.Failed);
        }
    }

    /// <summary>Counts an instance in state none that appeared, or takes one back that is gone.</summary>
    private void Count(LiveTask task, int by)
    {
        Unfinished += by;
        _nodes[task.Key.TaskNumber].Unfinished += by;
        foreach (var number in task.Definition.DownstreamNumbers)
        {
            ref var counts = ref CountsAt(_nodes[number], task, out _);
            counts.Total += by;
            counts.Setups += task.Definition.IsSetup ? by : 0;
        }
    }

    private void Recount()
    {
        Unfinished = 0;
        foreach (var node in _nodes)
        {
            node.Unfinished = 0;
            node.Upstream = default;
            foreach (var task in node.Instances)
            {
                task.Inside = default;
            }
        }

        foreach (var task in Tasks)
        {
            Count(task, 1);
            if (task.State.IsFinal())
            {
                Unfinished--;
                _nodes[task.Key.TaskNumber].Unfinished--;
                foreach (var number in task.Definition.DownstreamNumbers)
                {
                    CountsAt(_nodes[number], task, out _).Count(task.State, task.Definition.IsSetup);
                }
            }
        }

        foreach (var group in _groups)
        {
            group.Touched = group.Nodes.SelectMany(node => node.Instances).Count(task => LiveGroup.IsTouched(task.State));
        }
    }
}
