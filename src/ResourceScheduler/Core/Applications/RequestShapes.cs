using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>The shapes with pending asks, and which of them some node may have room for.</summary>
internal sealed class RequestShapes
{
    private readonly Dictionary<ShapeKey, RequestShape> _byKey = [];
    private readonly List<RequestShape?> _byIndex = [];
    private readonly Stack<int> _unused = [];
    private readonly int[] _placeableByBit = new int[64];
    private long _servedAtMs;

    /// <summary>Bits of shapes that are not known to be exhausted.</summary>
    public ulong Placeable { get; private set; }

    /// <summary>The shape of an ask with something pending, counted as waiting.</summary>
    public RequestShape Join(in ShapeKey key, long nowMs)
    {
        if (!_byKey.TryGetValue(key, out var shape))
        {
            var index = _unused.TryPop(out var free) ? free : _byIndex.Count;
            shape = new RequestShape(index, key) { ServedAtMs = nowMs };
            _byKey.Add(key, shape);
            if (index == _byIndex.Count)
            {
                _byIndex.Add(shape);
            }

            _byIndex[index] = shape;
            Count(shape, 1);
        }

        shape.Waiting++;
        return shape;
    }

    /// <summary>An ask of the shape has nothing pending any more.</summary>
    public void Leave(RequestShape shape)
    {
        if (--shape.Waiting > 0)
        {
            return;
        }

        if (!shape.Exhausted)
        {
            Count(shape, -1);
        }

        _byKey.Remove(shape.Key);
        _byIndex[shape.Index] = null;
        _unused.Push(shape.Index);
    }

    public void MarkExhausted(RequestShape shape)
    {
        shape.Widen();
        if (!shape.Exhausted)
        {
            shape.Exhausted = true;
            Count(shape, -1);
        }
    }

    /// <summary>Puts a shape off until owners were served. What is known of its candidates stays.</summary>
    public void Defer(RequestShape shape)
    {
        shape.IsDeferred = true;
        if (!shape.Exhausted)
        {
            shape.Exhausted = true;
            Count(shape, -1);
        }
    }

    /// <summary>Brings back what was put off; says whether there was any.</summary>
    public bool BringBackDeferred()
    {
        var any = false;
        foreach (var shape in _byIndex)
        {
            if (shape is { IsDeferred: true })
            {
                shape.IsDeferred = false;
                any = true;
                Revive(shape);
            }
        }

        return any;
    }

    /// <summary>Something other than room changed for the shape: any node may have room.</summary>
    public void Retry(RequestShape shape)
    {
        shape.Widen();
        Revive(shape);
    }

    /// <summary>A node has more room: the shapes that fit may be placed again, but only there.</summary>
    public void Freed(Node node)
    {
        foreach (var shape in _byIndex)
        {
            if (shape is null || (!shape.Exhausted && shape.Candidates is null) || !node.HasRoomFor(shape.Key.Size))
            {
                continue;
            }

            if (shape.Key.IsPersonal)
            {
                // What a node answers such a request changes with what runs elsewhere.
                Retry(shape);
            }
            else if (shape.Exhausted)
            {
                shape.NarrowTo(node);
                Revive(shape);
            }
            else if (!shape.Candidates!.Contains(node))
            {
                shape.Candidates.Add(node);
            }
        }
    }

    /// <summary>Something other than room changed: everything may be placed again.</summary>
    public void RetryAll()
    {
        foreach (var shape in _byIndex)
        {
            if (shape is not null)
            {
                Retry(shape);
            }
        }
    }

    /// <summary>A request of the shape was placed.</summary>
    public void Served(RequestShape shape, long nowMs)
    {
        shape.ServedAtMs = nowMs;
        _servedAtMs = nowMs;
    }

    /// <summary>When a request of any shape was placed last.</summary>
    public long ServedAtMs
    {
        get => _servedAtMs;
        set => _servedAtMs = value;
    }

    /// <summary>Whether a shape finds no room since then, while others are placed past it.</summary>
    public bool IsPassedOver(RequestShape shape, long sinceMs)
        => shape.Exhausted && shape.ServedAtMs <= sinceMs && shape.ServedAtMs < _servedAtMs;

    /// <summary>Whether any shape is passed over.</summary>
    public bool IsAnyPassedOver(long sinceMs)
    {
        foreach (var shape in _byIndex)
        {
            if (shape is not null && IsPassedOver(shape, sinceMs))
            {
                return true;
            }
        }

        return false;
    }

    private void Revive(RequestShape shape)
    {
        if (shape.Exhausted)
        {
            shape.Exhausted = false;
            Count(shape, 1);
        }
    }

    private void Count(RequestShape shape, int change)
    {
        var bit = shape.Index & 63;
        _placeableByBit[bit] += change;
        Placeable = _placeableByBit[bit] > 0 ? Placeable | shape.Bit : Placeable & ~shape.Bit;
    }
}
