namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>Containers by number. Numbers grow, so adding appends; removing leaves a hole that is closed once holes prevail. Walking it
/// allocates nothing and goes by number, whatever the history.</summary>
internal sealed class ContainerSet
{
    private const int HolesMin = 16;

    private long[] _ids = [];
    private Container?[] _items = [];
    private int _length;

    public int Count { get; private set; }

    public void Add(Container container)
    {
        if (_length == _ids.Length)
        {
            Array.Resize(ref _ids, Math.Max(4, _length * 2));
            Array.Resize(ref _items, _ids.Length);
        }

        var at = _length;
        if (_length > 0 && _ids[_length - 1] > container.Id)
        {
            at = Array.BinarySearch(_ids, 0, _length, container.Id);
            if (at >= 0)
            {
                Count += _items[at] is null ? 1 : 0;
                _items[at] = container;
                return;
            }

            at = ~at;
            Array.Copy(_ids, at, _ids, at + 1, _length - at);
            Array.Copy(_items, at, _items, at + 1, _length - at);
        }

        _ids[at] = container.Id;
        _items[at] = container;
        _length++;
        Count++;
    }

    public void Remove(Container container)
    {
        var at = Array.BinarySearch(_ids, 0, _length, container.Id);
        if (at < 0 || _items[at] is null)
        {
            return;
        }

        _items[at] = null;
        Count--;
        while (_length > 0 && _items[_length - 1] is null)
        {
            _length--;
        }

        if (_length - Count > HolesMin && Count < _length / 2)
        {
            CloseHoles();
        }
    }

    public Enumerator GetEnumerator() => new(_items, _length);

    /// <summary>A copy, by number, for callers that change the set while they walk.</summary>
    public Container[] InOrder()
    {
        var copy = new Container[Count];
        var place = 0;
        foreach (var container in this)
        {
            copy[place++] = container;
        }

        return copy;
    }

    /// <summary>How many satisfy a condition.</summary>
    public int CountOf(Func<Container, bool> condition)
    {
        var count = 0;
        foreach (var container in this)
        {
            count += condition(container) ? 1 : 0;
        }

        return count;
    }

    private void CloseHoles()
    {
        var to = 0;
        for (var from = 0; from < _length; from++)
        {
            if (_items[from] is { } container)
            {
                _ids[to] = container.Id;
                _items[to++] = container;
            }
        }

        Array.Clear(_items, to, _length - to);
        _length = to;
        if (_ids.Length > 64 && _length < _ids.Length / 4)
        {
            Array.Resize(ref _ids, _ids.Length / 2);
            Array.Resize(ref _items, _ids.Length);
        }
    }

    /// <summary>Walks the set as it was when the walk began; it must not change meanwhile.</summary>
    public struct Enumerator(Container?[] items, int length)
    {
        private int _at = -1;

        public readonly Container Current => items[_at]!;

        public bool MoveNext()
        {
            while (++_at < length)
            {
                if (items[_at] is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
