namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>Containers by number: constant-time add and remove, and an order that does not depend on the history.</summary>
internal sealed class ContainerSet
{
    private readonly HashSet<Container> _items = [];

    public int Count => _items.Count;

    public void Add(Container container) => _items.Add(container);

    public void Remove(Container container) => _items.Remove(container);

    /// <summary>A copy, by number.</summary>
    public Container[] InOrder()
    {
        var copy = new Container[_items.Count];
        _items.CopyTo(copy);
        Array.Sort(copy, static (left, right) => left.Id.CompareTo(right.Id));
        return copy;
    }

    /// <summary>Those that satisfy a condition, by number.</summary>
    public List<Container> Where(Func<Container, bool> condition)
    {
        var found = new List<Container>();
        foreach (var container in _items)
        {
            if (condition(container))
            {
                found.Add(container);
            }
        }

        found.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return found;
    }

    /// <summary>How many satisfy a condition; the order does not matter for a count.</summary>
    public int CountOf(Func<Container, bool> condition)
    {
        var count = 0;
        foreach (var container in _items)
        {
            count += condition(container) ? 1 : 0;
        }

        return count;
    }
}
