namespace DataPlatform.Streaming.Runtime;

/// <summary>What a subtask does with its time.</summary>
internal enum LoadKind
{
    /// <summary>It has nothing to do.</summary>
    Idle,

    /// <summary>It works, or its turn will come.</summary>
    Busy,

    /// <summary>It has work and no room for results.</summary>
    BackPressured,
}

/// <summary>Adds up what a subtask spends its time on. Written by the mailbox, read by anybody.</summary>
internal sealed class LoadClock(TimeProvider time)
{
    private readonly long[] _ticks = new long[3];
    private long _since = time.GetTimestamp();
    private LoadKind _current;

    public LoadKind Current => _current;

    public TimeSpan Busy => Read(LoadKind.Busy);

    public TimeSpan Idle => Read(LoadKind.Idle);

    public TimeSpan BackPressured => Read(LoadKind.BackPressured);

    /// <summary>A step begins: what was until now is over.</summary>
    public void Begin() => Turn(LoadKind.Busy);

    /// <summary>A step has ended.</summary>
    public void End(LoadKind next)
    {
        // Between two steps of a busy subtask nothing has to be read off the clock.
        if (next != LoadKind.Busy)
        {
            Turn(next);
        }
    }

    private void Turn(LoadKind next)
    {
        if (next == _current)
        {
            return;
        }

        var now = time.GetTimestamp();
        Volatile.Write(ref _ticks[(int)_current], _ticks[(int)_current] + now - _since);
        _since = now;
        _current = next;
    }

    private TimeSpan Read(LoadKind kind)
    {
        var open = _current == kind ? Math.Max(0, time.GetTimestamp() - Volatile.Read(ref _since)) : 0;
        return time.GetElapsedTime(0, Volatile.Read(ref _ticks[(int)kind]) + open);
    }
}
