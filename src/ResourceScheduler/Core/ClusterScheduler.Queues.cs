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
        queue.EaseVersion++;
        queue.Children.Clear();
        queue.Children.AddRange(definition.Children.Select(child => Adopt(child, queue)));
        queue.RefreshOrder(_nodes.Total);
        return queue;
    }

    private void ChangeQueues(SchedulerEvent.QueuesChanged changed)
    {
        foreach (var queue in _queues.Values.Where(queue => queue.ApplicationCount > 0))
        {
            if (changed.Queues.Find(queue.Path) is not { IsLeaf: true })
            {
                Refuse($"The new queue tree has no leaf '{queue.Path}', which holds {queue.ApplicationCount} applications: let them end or keep the queue.");
                return;
            }
        }

        foreach (var path in _queues.Keys.Where(path => changed.Queues.Find(path) is null).ToArray())
        {
            _queues.Remove(path);
        }

        _root = Adopt(changed.Queues.Root, null);
    }

    private static void AddPending(Queue leaf, in ResourceVector resources, int count)
    {
        var change = resources * Math.Abs(count);
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            queue.Pending = count > 0 ? queue.Pending + change : queue.Pending - change;
            queue.PendingContainers += count;
            if (count > 0)
            {
                queue.EaseVersion++;
            }
        }
    }

    /// <summary>Adds a container to every queue on the path, or takes one away.</summary>
    private void Charge(Queue leaf, in ResourceVector resources, int direction)
    {
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            queue.Used = direction > 0 ? queue.Used + resources : queue.Used - resources;
            queue.Running += direction;
            queue.RefreshOrder(_nodes.Total);
            if (direction < 0)
            {
                queue.EaseVersion++;
            }
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
