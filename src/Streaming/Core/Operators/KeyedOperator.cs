using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Operators;

/// <summary>What operators with keyed state and timers share.</summary>
internal abstract class KeyedOperator<TKey, TNamespace, TOut>(IStateSerializer<TKey> keySerializer, IStateSerializer<TNamespace> namespaceSerializer)
    : StreamOperator<TOut>
    where TKey : notnull
{
    private RestoredOperator? _restored;
    private long _armedMs = long.MaxValue;

    protected KeyedStates<TKey> States { get; private set; } = null!;

    protected KeyedTimers<TKey, TNamespace> EventTimers { get; private set; } = null!;

    protected KeyedTimers<TKey, TNamespace> ProcessingTimers { get; private set; } = null!;

    public override void Restore(RestoredOperator restored) => _restored = restored;

    public override void Open()
    {
        States = new KeyedStates<TKey>(Context, keySerializer, _restored);
        EventTimers = States.Timers("event-timers", namespaceSerializer);
        ProcessingTimers = States.Timers("processing-timers", namespaceSerializer);
        OnOpen(_restored);
        _restored = null;
        Arm();
    }

    public override void Snapshot(SubtaskSnapshot snapshot) => States.Snapshot(snapshot);

    public override ValueTask CloseAsync()
    {
        States?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Declares states.</summary>
    protected abstract void OnOpen(RestoredOperator? restored);

    protected abstract void OnTimer(in KeyedTimer<TKey, TNamespace> timer, TimeDomain domain);

    /// <summary>Sends what timers have brought forth.</summary>
    protected abstract void FlushResults();

    protected override void OnWatermark(long timeMs)
    {
        while (EventTimers.TryTakeDue(timeMs, out var timer))
        {
            States.Current.Set(timer.Key, timer.Hash);
            OnTimer(timer, TimeDomain.EventTime);
        }

        FlushResults();
    }

    protected void RegisterEventTimer(long timeMs, TNamespace space)
        => EventTimers.Register(new KeyedTimer<TKey, TNamespace>(timeMs, States.Current.Key, States.Current.Hash, space));

    protected void RegisterProcessingTimer(long timeMs, TNamespace space)
    {
        if (ProcessingTimers.Register(new KeyedTimer<TKey, TNamespace>(timeMs, States.Current.Key, States.Current.Hash, space)))
        {
            Arm();
        }
    }

    private void Arm()
    {
        if (ProcessingTimers.NextMs is { } next && next < _armedMs)
        {
            _armedMs = next;
            Context.Timers.Register(next, FireProcessingTimers);
        }
    }

    /// <summary>Fires the processing-time timers up to a time.</summary>
    protected void FireProcessingTimers(long nowMs)
    {
        _armedMs = long.MaxValue;
        while (ProcessingTimers.TryTakeDue(nowMs, out var timer))
        {
            States.Current.Set(timer.Key, timer.Hash);
            OnTimer(timer, TimeDomain.ProcessingTime);
        }

        FlushResults();
        Arm();
    }
}
