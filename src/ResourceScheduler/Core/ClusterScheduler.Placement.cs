using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Policies;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>Who gets the next container, and where.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>Owners of labels are being served; requests without a label are no guests on labelled nodes yet.</summary>
    private bool _guestsWait;

    /// <summary>Places containers until nothing pending both fits a node and is within its queues' limits.</summary>
    private void PlaceAll()
    {
        if (_root.PendingContainers == 0)
        {
            return;
        }

        RefreshShares();
        var hasGuestRooms = _nodes.HasGuestRooms;
        _guestsWait = hasGuestRooms;
        PlaceInOrder();
        _guestsWait = false;
        if (hasGuestRooms && _shapes.BringBackDeferred())
        {
            PlaceInOrder();
        }
    }

    private void PlaceInOrder()
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

    /// <summary>From the root to the leaf whose turn it is. Null when a parent turned out to have nothing runnable; it is then skipped in
    /// this pass.</summary>
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
        var (limited, exhausted, limit) = (0UL, 0UL, leaf);
        leaf.Waiting.Begin();
        while (leaf.Waiting.Next() is { } application)
        {
            foreach (var ask in application.Waiting)
            {
                if (ask.Shape!.Exhausted)
                {
                    exhausted |= ask.Shape.Bit;
                }
                else if (LimitOf(ask) is { } full)
                {
                    limited |= ask.Shape.Bit;
                    limit = full.Depth < limit.Depth ? full : limit;
                }
                else if (TryPlace(ask))
                {
                    return true;
                }
                else
                {
                    GiveUpFor(ask.Shape);
                    exhausted |= ask.Shape.Bit;
                }
            }
        }

        leaf.Block(limited & ~exhausted, limit);
        return false;
    }

    private void GiveUpFor(RequestShape shape)
    {
        if (_guestsWait && shape.Key.Label.Length == 0)
        {
            _shapes.Defer(shape);
        }
        else
        {
            _shapes.MarkExhausted(shape);
        }
    }

    /// <summary>The highest queue on the path whose limits leave no room, or null.</summary>
    private Queue? LimitOf(Ask ask)
    {
        var leaf = ask.Application.Leaf;
        var need = ask.Batch == 1 ? ask.Definition.Resources : ask.Definition.Resources * ask.Batch;
        Queue? full = null;
        for (var queue = leaf; queue is not null; queue = queue.Parent)
        {
            if (!queue.HasRoomFor(need) || !HasRoomOnLabel(queue, ask.Definition.NodeLabel, need))
            {
                full = queue;
            }
        }

        return full ?? (leaf.HasUserLimits && !IsUserWithinLimit(ask) ? leaf : null);
    }

    /// <summary>A queue's maximum on the nodes of a label; what guests hold there is not its affair.</summary>
    private bool HasRoomOnLabel(Queue queue, string label, in ResourceVector need)
        => label.Length == 0 || queue.LabelMax(label) >= 1
            || (queue.UsedOn(label) + need).FitsIn(_nodes.TotalOf(label).Scale(queue.LabelMax(label)));

    /// <summary>Shares of the cluster stand for amounts, so that one limit covers all resources.</summary>
    private bool IsUserWithinLimit(Ask ask)
        => ask.Application.User.Used.DominantShare(_nodes.Total) <= UserLimit(ask.Application, ask.Definition.Resources) + 1e-9;

    private double UserLimit(Application application, in ResourceVector size)
    {
        var leaf = application.Leaf;
        var capacity = ResourceVector.Min(leaf.Guarantee.IsZero ? leaf.Max : leaf.Guarantee, _nodes.Total).DominantShare(_nodes.Total);
        var step = Math.Max(size.DominantShare(_nodes.Total), 1e-9);
        return new UserLimits(capacity, leaf.Options.UserShareMin, leaf.Options.UserFactorMax, step)
            .Limit(leaf.Used.DominantShare(_nodes.Total), (double)leaf.ActiveShareUnits / Queue.ShareUnit,
                (double)leaf.ActiveWeightUnits / Queue.ShareUnit, leaf.WeightOf(application.User));
    }

    private bool TryPlace(Ask ask)
    {
        if (ask.Definition.IsGang && ask.Stopping > 0)
        {
            // Some of it is on its way out: it comes back whole, when the last has ended.
            return false;
        }

        if (ask.Definition.IsGang && ask.Pending > 1)
        {
            return TryPlaceGang(ask);
        }

        if (FindNode(ask, new NodeFilter(ask, _nowMs, noGuests: _guestsWait)) is not { } node)
        {
            return false;
        }

        Place(ask, node, isHeld: false);
        return true;
    }

    private Node? FindNode(Ask ask, in NodeFilter filter)
    {
        if (ask.Definition.HasPreference && FindPreferred(ask, filter) is { } preferred)
        {
            return preferred;
        }

        var choice = ask.Definition.NodeChoice ?? ask.Application.Leaf.Options.NodeChoice;
        if (ask.Shape!.Candidates is { } candidates)
        {
            return BestOf(candidates, ask, choice, filter);
        }

        foreach (var partition in _nodes.PartitionsFor(ask.Definition.NodeLabel))
        {
            if (partition.Find(ask.Definition.Resources, choice, filter) is { } node)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>All other nodes are known to have no room, so this is the answer an index would give.</summary>
    private Node? BestOf(List<Node> candidates, Ask ask, NodeChoice choice, in NodeFilter filter)
    {
        var (size, label) = (ask.Definition.Resources, ask.Definition.NodeLabel);
        var score = new NodeScore(_nodes.Total, size, choice, _nodes.Fragmentation);
        Node? best = null;
        var (bestIsGuest, bestScore) = (true, (Useless: double.MaxValue, Left: double.MaxValue));
        foreach (var node in candidates)
        {
            if (node.HasRoomFor(size) && filter.Passes(node))
            {
                var (isGuest, its) = (node.Properties.Label != label, score.Of(node));
                var isBetter = isGuest != bestIsGuest ? !isGuest
                    : NodeScore.IsBetter(its, bestScore) || (its == bestScore && node.Id < best!.Id);
                if (best is null || isBetter)
                {
                    (best, bestIsGuest, bestScore) = (node, isGuest, its);
                }
            }
        }

        return best;
    }

    private Node? FindPreferred(Ask ask, in NodeFilter filter)
    {
        foreach (var name in ask.Definition.PreferredNodes)
        {
            if (_nodes.Find(name) is { } node && node.HasRoomFor(ask.Definition.Resources) && filter.Passes(node))
            {
                return node;
            }
        }

        foreach (var node in ask.Definition.PreferredRacks.Count > 0 ? _nodes.All : [])
        {
            if (ask.Definition.PreferredRacks.Contains(node.Properties.Rack, StringComparer.Ordinal)
                && node.HasRoomFor(ask.Definition.Resources) && filter.Passes(node))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>All of a gang or nothing: what was held for the first members is given back when the last finds no room.</summary>
    private bool TryPlaceGang(Ask ask)
    {
        var held = new List<(Node Node, (int, int)[]? Devices)>();
        var perNode = new Dictionary<int, int>();
        var size = ask.Definition.Resources;
        while (held.Count < ask.Pending && FindNode(ask, new NodeFilter(ask, _nowMs, held: perNode, noGuests: _guestsWait)) is { } node)
        {
            _nodes.Take(node, size);
            var devices = size.GpuMillis > 0 ? node.Gpus.Choose((int)size.GpuMillis) : null;
            node.Gpus.Change(devices, -1);
            perNode[node.Id] = perNode.GetValueOrDefault(node.Id) + 1;
            held.Add((node, devices));
        }

        var isComplete = held.Count == ask.Pending;
        foreach (var (node, devices) in held)
        {
            node.Gpus.Change(devices, 1);
            if (!isComplete)
            {
                _nodes.Give(node, size);
            }
        }

        foreach (var (node, _) in isComplete ? held : [])
        {
            Place(ask, node, isHeld: true);
        }

        return isComplete;
    }
}
