using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <content>Opening, merging and forgetting windows.</content>
internal sealed partial class WindowOperator<TKey, TIn, TAccumulator, TOut>
{
    private WindowSet<TAccumulator> Set()
    {
        ref var set = ref _sets.GetOrAdd(States.Current.Key, States.Current.Hash, out _);
        return set ??= new WindowSet<TAccumulator>();
    }

    /// <summary>The open window for a record; null when the record is late for it.</summary>
    private OpenWindow<TAccumulator>? Open(TimeWindow window, int hash, long stampMs)
    {
        if (plan.Assigner.IsMerging)
        {
            return OpenMerged(window, hash, stampMs);
        }

        if (IsLate(window, hash, stampMs))
        {
            return null;
        }

        var set = Set();
        return set.Find(window) ?? Begin(set, window);
    }

    /// <summary>
    /// Sessions: lateness is judged after merging. A window that is open is not late, and what touches it becomes part of it, so only a
    /// record that touches nothing can be late.
    /// </summary>
    private OpenWindow<TAccumulator>? OpenMerged(TimeWindow window, int hash, long stampMs)
    {
        var set = _sets.TryGet(States.Current.Key, hash, out var existing) ? existing : null;
        var merged = window;
        _touching.Clear();
        set?.Touching(ref merged, _touching);
        var touching = _touching;
        switch (touching)
        {
            case []:
                return IsLate(window, hash, stampMs) ? null : Begin(Set(), window);
            case [var only] when only.Window == merged:
                return only;
        }

        var target = touching[0];
        foreach (var absorbed in touching)
        {
            DropTimers(absorbed.Window);
            if (absorbed != target)
            {
                Absorb(target, absorbed);
                set!.Windows.Remove(absorbed);
            }
        }

        target.Window = merged;
        RegisterCleanup(merged);
        _trigger.At(target);
        plan.Trigger.OnMerge(merged, _trigger);
        return target;
    }

    private void Absorb(OpenWindow<TAccumulator> target, OpenWindow<TAccumulator> absorbed)
    {
        if (absorbed.HasRecords)
        {
            if (!target.HasRecords)
            {
                target.Accumulator = plan.Fold.Create();
                target.HasRecords = true;
            }

            plan.Fold.Merge(ref target.Accumulator, in absorbed.Accumulator);
        }

        for (var slot = 0; slot < target.Slots.Length; slot++)
        {
            var (a, b) = (target.Slots[slot], absorbed.Slots[slot]);
            target.Slots[slot] = slot % 2 == 0 ? a + b : a == 0 || b == 0 ? a + b : Math.Min(a, b);
        }
    }

    private OpenWindow<TAccumulator> Begin(WindowSet<TAccumulator> set, TimeWindow window)
    {
        RegisterCleanup(window);
        return set.Add(window);
    }

    private bool IsLate(TimeWindow window, int hash, long stampMs)
    {
        if (plan.Assigner.Domain != TimeDomain.EventTime)
        {
            return false;
        }

        var forgottenMs = CleanupTime(window);
        return forgottenMs <= CurrentWatermarkMs || forgottenMs <= stampMs || _before.HasReached(hash, forgottenMs);
    }

    private long CleanupTime(TimeWindow window) => window == GlobalWindows.Window
        ? long.MaxValue
        : Lateness.CleanupTime(window.MaxTimestampMs, plan.Assigner.Domain == TimeDomain.EventTime ? plan.AllowedLatenessMs : 0);

    private void RegisterCleanup(TimeWindow window)
    {
        var timeMs = CleanupTime(window);
        if (timeMs == long.MaxValue)
        {
            return;
        }

        if (plan.Assigner.Domain == TimeDomain.EventTime)
        {
            RegisterEventTimer(timeMs, window);
        }
        else
        {
            RegisterProcessingTimer(timeMs, window);
        }
    }

    /// <summary>Takes back the timers that can be known: a window's end and its clean-up. Others find no window and do nothing.</summary>
    private void DropTimers(TimeWindow window)
    {
        var (key, hash) = (States.Current.Key, States.Current.Hash);
        foreach (var timeMs in (ReadOnlySpan<long>)[window.MaxTimestampMs, CleanupTime(window)])
        {
            EventTimers.Delete(new KeyedTimer<TKey, TimeWindow>(timeMs, key, hash, window));
            ProcessingTimers.Delete(new KeyedTimer<TKey, TimeWindow>(timeMs, key, hash, window));
        }
    }

    private void Remove(WindowSet<TAccumulator> set, OpenWindow<TAccumulator> open)
    {
        DropTimers(open.Window);
        set.Windows.Remove(open);
        if (set.Windows.Count == 0)
        {
            _sets.Remove(States.Current.Key, States.Current.Hash);
        }
    }

    private sealed class WindowTriggerContext(WindowOperator<TKey, TIn, TAccumulator, TOut> owner) : TriggerContext
    {
        private OpenWindow<TAccumulator> _open = null!;

        public override long WatermarkMs => owner.CurrentWatermarkMs;

        public override long ProcessingTimeMs => owner.Context.Timers.NowMs;

        public override long this[int slot]
        {
            get => _open.Slots[slot];
            set => _open.Slots[slot] = value;
        }

        public void At(OpenWindow<TAccumulator> open) => _open = open;

        public override void RegisterEventTimer(long timeMs) => owner.RegisterEventTimer(timeMs, _open.Window);

        public override void RegisterProcessingTimer(long timeMs) => owner.RegisterProcessingTimer(timeMs, _open.Window);
    }
}
