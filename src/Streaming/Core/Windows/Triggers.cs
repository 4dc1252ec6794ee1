using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <summary>The usual triggers.</summary>
public static class Triggers
{
    /// <summary>Fires when the watermark reaches the window's last millisecond, and at once for each later record that is still allowed.</summary>
    /// <typeparam name="T">The records.</typeparam>
    public static Trigger<T> EventTime<T>() => new EventTimeTrigger<T>();

    /// <summary>Fires when the job's clock reaches the window's last millisecond.</summary>
    /// <typeparam name="T">The records.</typeparam>
    public static Trigger<T> ProcessingTime<T>() => new ProcessingTimeTrigger<T>();

    /// <summary>Fires for every so many records.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="count">How many, at least 1.</param>
    public static Trigger<T> Count<T>(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new CountTrigger<T>(count);
    }

    /// <summary>Fires at every multiple of an interval, and at the window's end.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="interval">The interval, at least one millisecond.</param>
    /// <param name="domain">The clock it goes by.</param>
    public static Trigger<T> Continuous<T>(TimeSpan interval, TimeDomain domain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromMilliseconds(1));
        return new ContinuousTrigger<T>((long)interval.TotalMilliseconds, domain);
    }

    /// <summary>Forgets the records each time another trigger fires.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="inner">The other trigger.</param>
    public static Trigger<T> Purging<T>(Trigger<T> inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new PurgingTrigger<T>(inner);
    }

    /// <summary>
    /// Fires when the watermark reaches the window's last millisecond; before that as one trigger says, after that, within the allowed
    /// lateness, as another.
    /// </summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="early">Before the end; null for not at all.</param>
    /// <param name="late">After the end; null for every record.</param>
    public static Trigger<T> EarlyAndLate<T>(Trigger<T>? early, Trigger<T>? late) => new EarlyAndLateTrigger<T>(early, late);

    /// <summary>Never fires by itself.</summary>
    /// <typeparam name="T">The records.</typeparam>
    public static Trigger<T> Never<T>() => new NeverTrigger<T>();
}

internal sealed class NeverTrigger<T> : Trigger<T>
{
    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context) => TriggerResult.Continue;
}

internal sealed class EventTimeTrigger<T> : Trigger<T>
{
    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context)
    {
        if (window.MaxTimestampMs <= context.WatermarkMs)
        {
            return TriggerResult.Fire;
        }

        context.RegisterEventTimer(window.MaxTimestampMs);
        return TriggerResult.Continue;
    }

    public override TriggerResult OnEventTime(long timeMs, TimeWindow window, TriggerContext context)
        => timeMs == window.MaxTimestampMs ? TriggerResult.Fire : TriggerResult.Continue;

    public override void OnMerge(TimeWindow window, TriggerContext context)
    {
        // A window whose end has passed fires with the record that caused the merge; a timer would fire it twice.
        if (window.MaxTimestampMs > context.WatermarkMs)
        {
            context.RegisterEventTimer(window.MaxTimestampMs);
        }
    }
}

internal sealed class ProcessingTimeTrigger<T> : Trigger<T>
{
    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context)
    {
        context.RegisterProcessingTimer(window.MaxTimestampMs);
        return TriggerResult.Continue;
    }

    public override TriggerResult OnProcessingTime(long timeMs, TimeWindow window, TriggerContext context)
        => timeMs == window.MaxTimestampMs ? TriggerResult.Fire : TriggerResult.Continue;

    public override void OnMerge(TimeWindow window, TriggerContext context) => context.RegisterProcessingTimer(window.MaxTimestampMs);
}

internal sealed class CountTrigger<T>(long count) : Trigger<T>
{
    public override int Slots => 1;

    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context)
    {
        if (++context[0] < count)
        {
            return TriggerResult.Continue;
        }

        context[0] = 0;
        return TriggerResult.Fire;
    }
}

internal sealed class ContinuousTrigger<T>(long intervalMs, TimeDomain domain) : Trigger<T>
{
    // Slot 1 is the next firing; slot 0 is not used, for even slots are added up when windows merge.
    public override int Slots => 2;

    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context)
    {
        if (domain == TimeDomain.EventTime && window.MaxTimestampMs <= context.WatermarkMs)
        {
            return TriggerResult.Fire;
        }

        if (EndMs(window, context) is var endMs && endMs != long.MaxValue)
        {
            Register(endMs, context);
        }

        if (context[1] == 0)
        {
            Schedule(domain == TimeDomain.EventTime ? timeMs : context.ProcessingTimeMs, window, context);
        }

        return TriggerResult.Continue;
    }

    public override TriggerResult OnEventTime(long timeMs, TimeWindow window, TriggerContext context) => OnTime(TimeDomain.EventTime, timeMs, window, context);

    public override TriggerResult OnProcessingTime(long timeMs, TimeWindow window, TriggerContext context) => OnTime(TimeDomain.ProcessingTime, timeMs, window, context);

    public override void OnMerge(TimeWindow window, TriggerContext context)
    {
        if (context[1] != 0)
        {
            Register(context[1], context);
        }
    }

    public override void OnPurge(TriggerContext context)
    {
        // The next firing stays due.
    }

    private TriggerResult OnTime(TimeDomain timer, long timeMs, TimeWindow window, TriggerContext context)
    {
        if (timer != domain)
        {
            return TriggerResult.Continue;
        }

        if (timeMs == window.MaxTimestampMs)
        {
            return TriggerResult.Fire;
        }

        if (timeMs != context[1])
        {
            return TriggerResult.Continue;
        }

        Schedule(timeMs, window, context);
        return TriggerResult.Fire;
    }

    private void Schedule(long afterMs, TimeWindow window, TriggerContext context)
    {
        var remainder = afterMs % intervalMs;
        var nextMs = afterMs - (remainder < 0 ? remainder + intervalMs : remainder) + intervalMs;
        context[1] = Math.Min(nextMs, EndMs(window, context));
        Register(context[1], context);
    }

    /// <summary>The window's end as a time to fire at; none for a window of the past that is filled today, whose end the clock has long passed.</summary>
    private long EndMs(TimeWindow window, TriggerContext context)
        => domain == TimeDomain.ProcessingTime && window.MaxTimestampMs <= context.ProcessingTimeMs ? long.MaxValue : window.MaxTimestampMs;

    private void Register(long timeMs, TriggerContext context)
    {
        if (timeMs == long.MaxValue - 1)
        {
            // The global window has no end.
            return;
        }

        if (domain == TimeDomain.EventTime)
        {
            context.RegisterEventTimer(timeMs);
        }
        else
        {
            context.RegisterProcessingTimer(timeMs);
        }
    }
}

internal sealed class PurgingTrigger<T>(Trigger<T> inner) : Trigger<T>
{
    public override bool CanMerge => inner.CanMerge;

    public override int Slots => inner.Slots;

    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context) => Purge(inner.OnRecord(record, timeMs, window, context));

    public override TriggerResult OnEventTime(long timeMs, TimeWindow window, TriggerContext context) => Purge(inner.OnEventTime(timeMs, window, context));

    public override TriggerResult OnProcessingTime(long timeMs, TimeWindow window, TriggerContext context) => Purge(inner.OnProcessingTime(timeMs, window, context));

    public override void OnMerge(TimeWindow window, TriggerContext context) => inner.OnMerge(window, context);

    public override void OnPurge(TriggerContext context) => inner.OnPurge(context);

    private static TriggerResult Purge(TriggerResult result) => result.HasFlag(TriggerResult.Fire) ? result | TriggerResult.Purge : result;
}

internal sealed class EarlyAndLateTrigger<T>(Trigger<T>? early, Trigger<T>? late) : Trigger<T>
{
    private readonly int _earlySlots = early is null ? 0 : (early.Slots + 1) / 2 * 2;

    public override bool CanMerge => (early?.CanMerge ?? true) && (late?.CanMerge ?? true);

    public override int Slots => _earlySlots + (late?.Slots ?? 0);

    public override TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context)
    {
        if (window.MaxTimestampMs <= context.WatermarkMs)
        {
            return late?.OnRecord(record, timeMs, window, context.Shift(_earlySlots)) ?? TriggerResult.Fire;
        }

        context.RegisterEventTimer(window.MaxTimestampMs);
        return early?.OnRecord(record, timeMs, window, context) ?? TriggerResult.Continue;
    }

    public override TriggerResult OnEventTime(long timeMs, TimeWindow window, TriggerContext context)
        => timeMs == window.MaxTimestampMs ? TriggerResult.Fire
            : timeMs < window.MaxTimestampMs ? early?.OnEventTime(timeMs, window, context) ?? TriggerResult.Continue
            : late?.OnEventTime(timeMs, window, context.Shift(_earlySlots)) ?? TriggerResult.Continue;

    public override TriggerResult OnProcessingTime(long timeMs, TimeWindow window, TriggerContext context)
        => window.MaxTimestampMs > context.WatermarkMs
            ? early?.OnProcessingTime(timeMs, window, context) ?? TriggerResult.Continue
            : late?.OnProcessingTime(timeMs, window, context.Shift(_earlySlots)) ?? TriggerResult.Continue;

    public override void OnMerge(TimeWindow window, TriggerContext context)
    {
        if (window.MaxTimestampMs > context.WatermarkMs)
        {
            context.RegisterEventTimer(window.MaxTimestampMs);
            early?.OnMerge(window, context);
        }
        else
        {
            late?.OnMerge(window, context.Shift(_earlySlots));
        }
    }

    public override void OnPurge(TriggerContext context)
    {
        early?.OnPurge(context);
        late?.OnPurge(context.Shift(_earlySlots));
    }
}
