using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>The queue tree and the sums kept along its paths.</content>
public sealed partial class ClusterScheduler
{
    private Queue Adopt(QueueDefinition definition, Queue? parent)
    {
        if (!_queues.TryGetValue(definition.Path, out var queue))
        {
            queue = new Queue(_queuesMade++, definition, parent);
            _queues.Add(definition.Path, queue);
        }

        queue.Definition = definition;
        queue.Children.Clear();
        queue.Children.AddRange(definition.Children.Select(child => Adopt(child, queue)));
        return queue;
    }

    private void ChangeQueues(SchedulerEvent.QueuesChanged changed)
    {
        var created = new List<KeyValuePair<string, QueueOptions>>();
        foreach (var queue in _queues.Values.Where(queue => queue.ApplicationCount > 0 && queue.IsLeaf))
        {
            var kept = changed.Queues.Find(queue.Path);
            if (kept is null && changed.Queues.Find(QueuePath.Parent(queue.Path)!) is { Options.CreatesLeaves: true } parent)
            {
                created.Add(KeyValuePair.Create(queue.Path, parent.Options.LeafTemplate ?? new QueueOptions()));
            }
            else if (kept is not { IsLeaf: true })
            {
                Refuse($"The new queue tree has no leaf '{queue.Path}', which holds {queue.ApplicationCount} applications: let them end or keep the queue.");
                return;
            }
        }

        Use(created.Count == 0 ? changed.Queues : changed.Queues.With(created));
        ActivateParked();
    }

    private void Use(QueueTree tree)
    {
        foreach (var path in _queues.Keys.Where(path => tree.Find(path) is null).ToArray())
        {
            _queues.Remove(path);
        }

        _tree = tree;
        _hasLifetimes = tree.Queues.Any(queue => queue.Options.LifetimeMaxMs > 0);
        _root = Adopt(tree.Root, null);
        _root.RefreshLimits(_nodes.Total);
        foreach (var leaf in _queues.Values.Where(queue => queue.IsLeaf))
        {
            RefreshMasks(leaf);
            leaf.AllUseChanged(_nodes.Total);
            leaf.Reweigh();
        }
    }

    /// <summary>The leaf an application names; made on demand where its parent allows that.</summary>
    private Queue? LeafFor(string path, out string? reason)
    {
        reason = null;
        if (!_queues.TryGetValue(path, out var queue) && Created(path) is { Count: > 0 } created)
        {
            try
            {
                Use(_tree.With(created));
                queue = _queues[path];
            }
            catch (SchedulerException error)
            {
                reason = error.Message;
                return null;
            }
        }

        reason = queue is null ? $"the queue '{path}', which does not exist"
            : !queue.IsLeaf ? $"the queue '{path}', which has queues below it; applications run in leaves"
            : null;
        return reason is null ? queue : null;
    }

    /// <summary>The queues that have to be made so that a path is there; none where nobody above allows that.</summary>
    private List<KeyValuePair<string, QueueOptions>> Created(string path)
    {
        var missing = new List<string>();
        var above = path;
        while (above is not null && !_queues.ContainsKey(above))
        {
            missing.Add(above);
            above = QueuePath.Parent(above);
        }

        if (above is null || !_queues[above].Options.CreatesLeaves || IsLeafWithWork(_queues[above])
            || missing.Count > _queues[above].Options.CreatedLevelsMax)
        {
            return [];
        }

        var maker = _queues[above].Options;
        var template = maker.LeafTemplate ?? new QueueOptions();
        return [.. missing.Select((made, i) => KeyValuePair.Create(made, i == 0 ? template : template with
        {
            CreatesLeaves = true,
            LeafTemplate = template,
            CreatedLevelsMax = i,
        }))];
    }

    private static bool IsLeafWithWork(Queue queue) => queue.IsLeaf && queue.ApplicationCount > 0;

    private static void AddPending(Queue leaf, in ResourceVector resources, int count)
    {
        var change = count is 1 or -1 ? resources : resources * Math.Abs(count);
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            queue.PendingContainers += count;
            if (count > 0)
            {
                queue.Pending += change;
                queue.EaseVersion++;
            }
            else
            {
                queue.Pending -= change;
            }
        }
    }

    /// <summary>Adds a container to every queue on the path, or takes one away.</summary>
    private void Charge(Queue leaf, in ResourceVector resources, int direction)
    {
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            queue.Running += direction;
            if (direction > 0)
            {
                queue.Used += resources;
            }
            else
            {
                queue.Used -= resources;
                queue.EaseVersion++;
            }

            queue.RefreshOrder(_nodes.Total);
        }
    }

    private static void RefreshMasks(Queue leaf)
    {
        leaf.ShapeMask = 0;
        foreach (var application in leaf.Waiting)
        {
            leaf.ShapeMask |= application.ShapeMask;
        }

        for (var queue = leaf.Parent; queue is not null; queue = queue.Parent)
        {
            var mask = 0UL;
            foreach (var child in queue.Children)
            {
                mask |= child.ShapeMask;
            }

            queue.ShapeMask = mask;
        }
    }
}
