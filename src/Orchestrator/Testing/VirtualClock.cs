namespace DataPlatform.Orchestrator.Testing;

/// <summary>A clock that stands still until its host moves it. Timers fire one at a time, in order of their instant and then of being set.</summary>
/// <remarks>Thread-safe. Give it to code under test in place of <see cref="TimeProvider.System"/>.</remarks>
public sealed class VirtualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(VirtualTimer Timer, long Setting), (DateTimeOffset Due, long Setting)> _due = new();
    private DateTimeOffset _now;
    private long _settings;

    internal VirtualClock(DateTimeOffset start) => _now = start.ToUniversalTime();

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer is due; null when none is set.</summary>
    public DateTimeOffset? NextTimer
    {
        get
        {
            lock (_gate)
            {
                return PeekLive() is { } next ? next.Due : null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        // Timers that the engine sets around a body, such as its time limit, are not what the body waits for.
        var timer = new VirtualTimer(this, callback, state, VirtualTry.IsInBody ? VirtualTry.Current : null);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Fires the next timer that is due by a limit, having moved to its instant. False when there is none.</summary>
    internal bool FireNext(DateTimeOffset limit)
    {
        VirtualTimer timer;
        lock (_gate)
        {
            if (PeekLive() is not { } next || next.Due > limit)
            {
                return false;
            }

            timer = _due.Dequeue().Timer;
            _now = next.Due > _now ? next.Due : _now;
            timer.Rearm(_now);
        }

        timer.Fire();
        return true;
    }

    /// <summary>Moves on to an instant that no timer is due before.</summary>
    internal void MoveTo(DateTimeOffset instant)
    {
        lock (_gate)
        {
            _now = instant > _now ? instant : _now;
        }
    }

    private (DateTimeOffset Due, long Setting)? PeekLive()
    {
        while (_due.TryPeek(out var entry, out var key))
        {
            if (entry.Timer.Setting == entry.Setting)
            {
                return key;
            }

            _due.Dequeue();
        }

        return null;
    }

    private sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state, VirtualTry? waiter) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        /// <summary>Which setting is in force; 0 for none.</summary>
        public long Setting { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                Set(dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime);
            }

            return true;
        }

        /// <summary>Before it fires, under the clock's lock.</summary>
        public void Rearm(DateTimeOffset now)
        {
            if (_period > TimeSpan.Zero)
            {
                Setting = ++clock._settings;
                clock._due.Enqueue((this, Setting), (now + _period, Setting));
                waiter?.OnTick();
                return;
            }

            Set(null);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                Set(null);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(DateTimeOffset? due)
        {
            if (Setting != 0)
            {
                waiter?.OnDisarmed();
            }

            Setting = due is null ? 0 : ++clock._settings;
            if (due is { } instant)
            {
                clock._due.Enqueue((this, Setting), (instant, Setting));
                waiter?.OnArmed();
            }
        }
    }
}
