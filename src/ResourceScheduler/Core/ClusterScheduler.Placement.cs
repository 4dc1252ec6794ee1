using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Who gets the next container, and where.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>Places containers until nothing pending both fits a node and is within its queues' limits.</summary>
    private void PlaceAll()
    {
        _pass++;
        while (_root.Runnable(_shapes.Placeable, _pass) != 0)
        {
            var leaf = Descend();
            if (leaf is not null && !TryPlaceIn(leaf))
            {
                leaf.SkippedInPass = _pass;
            }
        }
    }

    /// <summary>From the root to the leaf whose turn it is. Null when a parent turned out to have nothing runnable; it is then skipped in this pass.</summary>
    private Queue? Descend()
    {
        var queue = _root;
        while (!queue.IsLeaf)
        {
            Queue? first = null;
            foreach (var child in queue.Children)
            {
                if (child.Runnable(_shapes.Placeable, _pass) != 0 && (first is null || child.Order.IsBefore(first.Order)))
                {
                    first = child;
                }
            }

            if (first is null)
            {
                queue.SkippedInPass = _pass;
                return null;
            }

            queue = first;
        }

        return queue;
    }

    private bool TryPlaceIn(Queue leaf)
    {
        var mask = leaf.ShapeMask & _shapes.Placeable;
        var (limited, exhausted, limit) = (0UL, 0UL, leaf);
        foreach (var application in leaf.InOrder())
        {
            foreach (var ask in application.Waiting)
            {
                if ((ask.Shape.Bit & mask) == 0 || ask.Shape.Exhausted)
                {
                    exhausted |= ask.Shape.Bit;
                }
                else if (LimitOf(leaf, ask.Definition.Resources) is { } full)
                {
                    limited |= ask.Shape.Bit;
                    limit = full.Depth < limit.Depth ? full : limit;
                }
                else if (_nodes.FindBestFit(ask.Definition.Resources) is { } node)
                {
                    Place(ask, node);
                    return true;
                }
                else
                {
                    _shapes.MarkExhausted(ask.Shape);
                    exhausted |= ask.Shape.Bit;
                }
            }
        }

        leaf.Block(limited & ~exhausted, limit);
        return false;
    }

    /// <summary>The highest queue on the path whose maximum leaves no room, or null.</summary>
    private static Queue? LimitOf(Queue leaf, in ResourceVector resources)
    {
        Queue? full = null;
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            if (!queue.HasRoomFor(resources))
            {
                full = queue;
            }
        }

        return full;
    }

    private void Place(Ask ask, Node node)
    {
        var application = ask.Application;
        var container = new Container(++_lastContainerId, ask, node, _nowMs);
        _containers.Add(container.Id, container);
        node.Containers.Add(container.Id, container);
        application.Running.Add(container.Id, container);
        _nodes.Take(node, container.Resources);
        application.Used += container.Resources;
        application.DominantShare = application.Used.DominantShare(_nodes.Total);
        Charge(application.Leaf, container.Resources, 1);
        AddPending(application.Leaf, container.Resources, -1);
        ask.Running++;
        if (--ask.Pending == 0)
        {
            NothingPending(ask);
        }

        var waitedMs = _nowMs - ask.AskedAtMs;
        for (var queue = application.Leaf; queue is not null; queue = queue.Parent)
        {
            queue.Waits.Add(waitedMs);
        }

        _decisions.Add(new SchedulerDecision.ContainerPlaced(container.Id, ask.Id, application.Id, node.Name, container.Resources, waitedMs));
    }
}
