using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>Nodes kept free for requests that wait too long, so that a stream of small ones cannot starve a large one.</content>
public sealed partial class ClusterScheduler
{
    private long _lookedForWaitingMs = long.MinValue / 2;

    private void ReserveForWaiting()
    {
        if (_nodes.Reservations > 0)
        {
            foreach (var node in _nodes.All.Where(IsStale).ToArray())
            {
                Unreserve(node);
            }
        }

        // Looking means walking over everything that waits, so it is done twice in the time a request has to wait anyway.
        if (_nowMs - _lookedForWaitingMs < _options.ReserveAfterMs / 2)
        {
            return;
        }

        _lookedForWaitingMs = _nowMs;
        var room = Math.Max(1, (int)(_nodes.Count * _options.ReservedNodesMax)) - _nodes.Reservations;
        if (room <= 0 || !_shapes.IsAnyPassedOver(_nowMs - _options.ReserveAfterMs))
        {
            return;
        }

        foreach (var ask in LongWaiting())
        {
            if (room <= 0)
            {
                break;
            }

            if (LimitOf(ask) is null)
            {
                room -= ask.Batch > 1 ? ReserveForGang(ask, room) : TryReserve(ask) ? 1 : 0;
            }
        }
    }

    /// <summary>A reservation that comes to nothing is given up, so that another node gets its chance. A gang needs many at once, so its
    /// last longer.</summary>
    private bool IsStale(Node node)
        => node.ReservedFor is { } ask
            && _nowMs - node.ReservedAtMs > (ask.Definition.IsGang ? 60 : 10) * Math.Max(1, _options.ReserveAfterMs);

    /// <summary>Keeps as many nodes as hold the whole gang once they are empty, those with the most free first, and says how many; none
    /// where
    /// there are too few, or where it would keep more than may be kept while others are kept too.</summary>
    private int ReserveForGang(Ask ask, int room)
    {
        var (size, filter, missing) = (ask.Definition.Resources, new NodeFilter(ask, _nowMs), ask.Pending);
        var chosen = new List<(Node Node, int Members)>();
        foreach (var node in _nodes.All
            .Where(node => node.ReservedFor is null && size.FitsIn(node.Capacity) && filter.Passes(node))
            .OrderByDescending(node => node.Free.DominantShare(_nodes.Total)).ThenBy(node => node.Id))
        {
            var most = ask.Definition.PerNodeMax > 0 ? Math.Min(ask.Definition.PerNodeMax, missing) : missing;
            var members = TimesIn(node.Capacity, size, most);
            missing -= members;
            chosen.Add((node, members));
            if (missing <= 0)
            {
                break;
            }
        }

        if (missing > 0 || (chosen.Count > room && _nodes.Reservations > 0))
        {
            return 0;
        }

        foreach (var (node, members) in chosen)
        {
            for (var member = 0; member < members; member++)
            {
                Reserve(node, ask);
            }
        }

        return chosen.Count;
    }

    private static int TimesIn(ResourceVector capacity, in ResourceVector size, int most)
    {
        var times = 0;
        while (times < most && size.FitsIn(capacity))
        {
            capacity -= size;
            times++;
        }

        return times;
    }

    /// <summary>Requests that found no room for long enough while others were placed past them, longest first. One reservation
    /// each.</summary>
    private Ask[] LongWaiting()
    {
        var since = _nowMs - _options.ReserveAfterMs;
        return [.. _applications.Values
            .SelectMany(application => application.Waiting)
            .Where(ask => _shapes.IsPassedOver(ask.Shape!, since) && ask.AskedAtMs <= since && ask.Reserved.Count == 0)
            .OrderBy(ask => ask.AskedAtMs).ThenBy(ask => ask.Id)];
    }

    /// <summary>Keeps the node on which the request could start first, as far as run times are known; else the one with the most
    /// free.</summary>
    private bool TryReserve(Ask ask)
    {
        var (size, filter) = (ask.Definition.Resources, new NodeFilter(ask, _nowMs));
        var node = _nodes.All
            .Where(node => node.ReservedFor is null && size.FitsIn(node.Capacity) && filter.Passes(node))
            .OrderBy(node => Reservations.EarliestStartMs(node, size) is var at && at == 0 ? long.MaxValue : at)
            .ThenByDescending(node => node.Free.DominantShare(_nodes.Total))
            .ThenBy(node => node.Id)
            .FirstOrDefault();
        if (node is null)
        {
            return false;
        }

        Reserve(node, ask);
        return true;
    }

    private void Reserve(Node node, Ask ask)
    {
        if (node.ReservedFor != ask)
        {
            node.ReservedFor = ask;
            node.ReservedCount = 0;
            ask.Reserved.Add(node);
            _nodes.Reservations++;
            Reshape(ask);
        }

        node.ReservedCount++;
        node.ReservedAtMs = _nowMs;
    }

    private void Unreserve(Node node)
    {
        if (node.ReservedFor is { } ask)
        {
            ask.Reserved.Remove(node);
            node.ReservedFor = null;
            node.ReservedCount = 0;
            _nodes.Reservations--;
            _shapes.Freed(node);
            Reshape(ask);
        }
    }

    /// <summary>A node answers an ask it is kept free for otherwise than all that look the same, so that ask must not share what is known
    /// about them.</summary>
    private void Reshape(Ask ask)
    {
        var key = ShapeKey.Of(ask.Id, ask.Application, ask.Definition, ask.Reserved.Count > 0);
        if (ask.Shape is null || ask.Shape.Key == key)
        {
            return;
        }

        var shape = _shapes.Join(key, ask.Shape.ServedAtMs);
        _shapes.Leave(ask.Shape);
        ask.Shape = shape;
        ask.Application.RefreshMask();
        RefreshMasks(ask.Application.Leaf);
    }

    /// <summary>A container of the ask was placed: one reservation less, there or, when it found room elsewhere, on another node.</summary>
    private void FulfilReservation(Ask ask, Node placedOn)
    {
        if (ask.Reserved.Count == 0)
        {
            return;
        }

        var node = placedOn.ReservedFor == ask ? placedOn : ask.Reserved[^1];
        if (--node.ReservedCount <= 0)
        {
            Unreserve(node);
        }
    }
}
