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
            if (LimitOf(ask) is not null)
            {
                continue;
            }

            if (room-- <= 0 || !TryReserve(ask))
            {
                break;
            }
        }
    }

    private bool IsStale(Node node)
        => node.ReservedFor is not null && _nowMs - node.ReservedAtMs > 10 * Math.Max(1, _options.ReserveAfterMs);

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
