using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>The waiting applications of a leaf in the order in which it serves them now: a binary heap in which a change of one application
/// moves only that one.</summary>
/// <remarks>By the smaller share first, then by falling priority, then by number, so the order is total and free of history.</remarks>
internal sealed class ApplicationsInOrder
{
    private readonly List<Application> _heap = [];
    private readonly PriorityQueue<int, (double Share, int Priority, long Id)> _front = new();
    private int _walked;

    public List<Application>.Enumerator GetEnumerator() => _heap.GetEnumerator();

    public int Count => _heap.Count;

    public void Add(Application application)
    {
        _heap.Add(application);
        application.HeapPlace = _heap.Count - 1;
        Rise(application.HeapPlace);
    }

    public void Remove(Application application)
    {
        var place = application.HeapPlace;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        application.HeapPlace = -1;
        if (last != application)
        {
            Put(last, place);
            Moved(last);
        }
    }

    /// <summary>The application's share changed.</summary>
    public void Moved(Application application)
    {
        Rise(application.HeapPlace);
        Sink(application.HeapPlace);
    }

    /// <summary>All shares may have changed.</summary>
    public void AllMoved()
    {
        for (var place = (_heap.Count / 2) - 1; place >= 0; place--)
        {
            Sink(place);
        }
    }

    /// <summary>Starts a walk in order, which ends with the first change.</summary>
    public void Begin() => _walked = 0;

    /// <summary>The next in order; null after the last. Going on past the first costs a logarithm of how far the walk went.</summary>
    public Application? Next()
    {
        // Most walks end with the first application, so the rest of the machinery starts with the second.
        if (_walked++ == 0)
        {
            return _heap.Count > 0 ? _heap[0] : null;
        }

        if (_walked == 2)
        {
            _front.Clear();
            ReachBelow(0);
        }

        if (!_front.TryDequeue(out var place, out _))
        {
            return null;
        }

        ReachBelow(place);
        return _heap[place];
    }

    /// <summary>A copy, by falling priority, then by number.</summary>
    public Application[] ByPriority()
        => [.. _heap.OrderByDescending(application => application.Definition.Priority).ThenBy(application => application.Id)];

    private void ReachBelow(int place)
    {
        Reach((2 * place) + 1);
        Reach((2 * place) + 2);
    }

    private void Reach(int place)
    {
        if (place < _heap.Count)
        {
            var application = _heap[place];
            _front.Enqueue(place, (application.OrderShare, ~application.Definition.Priority, application.Id));
        }
    }

    private static bool IsBefore(Application left, Application right)
        => left.OrderShare != right.OrderShare ? left.OrderShare < right.OrderShare
            : left.Definition.Priority != right.Definition.Priority ? left.Definition.Priority > right.Definition.Priority
            : left.Id < right.Id;

    private void Rise(int place)
    {
        var application = _heap[place];
        while (place > 0 && IsBefore(application, _heap[(place - 1) / 2]))
        {
            Put(_heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }

        Put(application, place);
    }

    private void Sink(int place)
    {
        var application = _heap[place];
        while ((2 * place) + 1 < _heap.Count)
        {
            var child = (2 * place) + 1;
            if (child + 1 < _heap.Count && IsBefore(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!IsBefore(_heap[child], application))
            {
                break;
            }

            Put(_heap[child], place);
            place = child;
        }

        Put(application, place);
    }

    private void Put(Application application, int place)
    {
        _heap[place] = application;
        application.HeapPlace = place;
    }
}
