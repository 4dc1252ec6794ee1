namespace DataPlatform.Streaming.Windows;

/// <summary>What a trigger wants done with a window.</summary>
[Flags]
public enum TriggerResult
{
    /// <summary>Nothing.</summary>
    Continue = 0,

    /// <summary>Give out the result.</summary>
    Fire = 1,

    /// <summary>Forget the records.</summary>
    Purge = 2,

    /// <summary>Give out the result, then forget the records.</summary>
    FireAndPurge = Fire | Purge,
}

/// <summary>Says when a window fires.</summary>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>One instance serves all windows: what it remembers of one it keeps in the context's slots.</remarks>
public abstract class Trigger<T>
{
    /// <summary>Whether the trigger can be used with windows that merge. Default true.</summary>
    public virtual bool CanMerge => true;

    /// <summary>How many slots it uses, 0 to 4. Default 0.</summary>
    public virtual int Slots => 0;

    /// <summary>A record has been added to a window.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timeMs">Its time in the domain of the windows.</param>
    /// <param name="window">The window.</param>
    /// <param name="context">Its timers and slots.</param>
    public abstract TriggerResult OnRecord(T record, long timeMs, TimeWindow window, TriggerContext context);

    /// <summary>An event-time timer that the trigger set has come due.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    /// <param name="window">The window.</param>
    /// <param name="context">Its timers and slots.</param>
    public virtual TriggerResult OnEventTime(long timeMs, TimeWindow window, TriggerContext context) => TriggerResult.Continue;

    /// <summary>A processing-time timer that the trigger set has come due.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    /// <param name="window">The window.</param>
    /// <param name="context">Its timers and slots.</param>
    public virtual TriggerResult OnProcessingTime(long timeMs, TimeWindow window, TriggerContext context) => TriggerResult.Continue;

    /// <summary>
    /// Windows have become one. Their slots have been put together: even ones added up, of odd ones the smallest that is not zero. Timers of the
    /// old windows are gone.
    /// </summary>
    /// <param name="window">The new window.</param>
    /// <param name="context">Its timers and slots.</param>
    public virtual void OnMerge(TimeWindow window, TriggerContext context)
    {
    }

    /// <summary>Puts the slots back after the window's records were forgotten. By default all become zero.</summary>
    /// <param name="context">The window's slots.</param>
    public virtual void OnPurge(TriggerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        for (var slot = 0; slot < Slots; slot++)
        {
            context[slot] = 0;
        }
    }
}

/// <summary>The times, timers and slots of one window, as its trigger sees them.</summary>
public abstract class TriggerContext
{
    private protected TriggerContext()
    {
    }

    /// <summary>The event time reached.</summary>
    public abstract long WatermarkMs { get; }

    /// <summary>Now, by the job's clock.</summary>
    public abstract long ProcessingTimeMs { get; }

    /// <summary>A number that the trigger keeps for the window; state like any other.</summary>
    /// <param name="slot">Which, below the trigger's number of slots.</param>
    public abstract long this[int slot] { get; set; }

    /// <summary>Sets a timer for an event time.</summary>
    /// <param name="timeMs">When.</param>
    public abstract void RegisterEventTimer(long timeMs);

    /// <summary>Sets a timer for a time of the job's clock.</summary>
    /// <param name="timeMs">When.</param>
    public abstract void RegisterProcessingTimer(long timeMs);

    /// <summary>The same context with other slots in front, for a trigger inside a trigger.</summary>
    internal TriggerContext Shift(int slots) => slots == 0 ? this : new Shifted(this, slots);

    private sealed class Shifted(TriggerContext inner, int slots) : TriggerContext
    {
        public override long WatermarkMs => inner.WatermarkMs;

        public override long ProcessingTimeMs => inner.ProcessingTimeMs;

        public override long this[int slot]
        {
            get => inner[slot + slots];
            set => inner[slot + slots] = value;
        }

        public override void RegisterEventTimer(long timeMs) => inner.RegisterEventTimer(timeMs);

        public override void RegisterProcessingTimer(long timeMs) => inner.RegisterProcessingTimer(timeMs);
    }
}
