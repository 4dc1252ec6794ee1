namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Numbers for new runs. In a fleet they are reserved in the store, a few at a time, so that they follow the order of creation.</summary>
internal sealed class RunIds
{
    /// <summary>Reserved beyond what is asked for.</summary>
    private const int Spare = 16;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private long _next;
    private long _end;
    private int _missing;
    private long _reservedAt;

    /// <summary>How many to reserve now; 0 for none.</summary>
    public int Wanted
    {
        get => _missing > 0 ? _missing + Spare : _next == 0 ? Spare : 0;
    }

    /// <summary>Numbers reserved long ago may be smaller than those of runs that others made since. They are thrown away when one is asked for, so
    /// that an idle scheduler reserves nothing.</summary>
    private bool IsStale => _end != long.MaxValue && TimeProvider.System.GetElapsedTime(_reservedAt) > Fresh;

    /// <summary>Without a fleet: all numbers from one on.</summary>
    public void StartAt(long next) => (_next, _end) = (next, long.MaxValue);

    public void Fill(long first, int count)
    {
        (_next, _end, _missing) = (first, first + count, 0);
        _reservedAt = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Numbers reserved before a DAG came from another scheduler may be smaller than those of its runs: they are not used.</summary>
    public void Drop() => (_next, _end) = (0, 0);

    public bool TryTake(out long id)
    {
        id = _next;
        if (_next < _end)
        {
            _next++;
            return true;
        }

        _missing++;
        return false;
    }

    /// <summary>Whether one can be taken; asks for one more when not.</summary>
    public bool HasOne()
    {
        if (_next < _end && !IsStale)
        {
            return true;
        }

        _missing++;
        return false;
    }
}
