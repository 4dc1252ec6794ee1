namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>The shapes with pending asks, and which of them some node may have room for.</summary>
internal sealed class RequestShapes
{
    private readonly Dictionary<ResourceVector, RequestShape> _bySize = [];
    private readonly List<RequestShape?> _byIndex = [];
    private readonly Stack<int> _unused = [];
    private readonly int[] _placeableByBit = new int[64];

    /// <summary>Bits of shapes that are not known to be exhausted.</summary>
    public ulong Placeable { get; private set; }

    /// <summary>The shape of a new ask, counted as waiting.</summary>
    public RequestShape Join(in ResourceVector size)
    {
        if (!_bySize.TryGetValue(size, out var shape))
        {
            var index = _unused.TryPop(out var free) ? free : _byIndex.Count;
            shape = new RequestShape(index, size);
            _bySize.Add(size, shape);
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

        _bySize.Remove(shape.Size);
        _byIndex[shape.Index] = null;
        _unused.Push(shape.Index);
    }

    public void MarkExhausted(RequestShape shape)
    {
        if (!shape.Exhausted)
        {
            shape.Exhausted = true;
            Count(shape, -1);
        }
    }

    /// <summary>A node has <paramref name="free"/>: every shape that fits may be placed again.</summary>
    public void Freed(in ResourceVector free)
    {
        foreach (var shape in _byIndex)
        {
            if (shape is { Exhausted: true } && shape.Size.FitsIn(free))
            {
                shape.Exhausted = false;
                Count(shape, 1);
            }
        }
    }

    private void Count(RequestShape shape, int change)
    {
        var bit = shape.Index & 63;
        _placeableByBit[bit] += change;
        Placeable = _placeableByBit[bit] > 0 ? Placeable | shape.Bit : Placeable & ~shape.Bit;
    }
}
