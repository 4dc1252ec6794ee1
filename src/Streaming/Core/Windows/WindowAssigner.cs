using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <summary>Says which windows a record belongs to. Pure.</summary>
internal abstract class WindowAssigner<T>
{
    public virtual TimeDomain Domain => TimeDomain.EventTime;

    /// <summary>Whether windows that touch become one.</summary>
    public virtual bool IsMerging => false;

    /// <summary>When windows fire unless the user says otherwise.</summary>
    public abstract Trigger<T> DefaultTrigger { get; }

    /// <param name="record">The record.</param>
    /// <param name="timeMs">Its time in the domain of the windows.</param>
    /// <param name="windows">Gets the windows.</param>
    public abstract void Assign(T record, long timeMs, List<TimeWindow> windows);
}

internal sealed class SlidingAssigner<T>(SlidingWindows windows) : WindowAssigner<T>
{
    public override TimeDomain Domain => windows.Domain;

    public SliceGrid Grid => windows.Grid;

    public override Trigger<T> DefaultTrigger => Domain == TimeDomain.EventTime ? Triggers.EventTime<T>() : Triggers.ProcessingTime<T>();

    public override void Assign(T record, long timeMs, List<TimeWindow> windows)
    {
        for (var start = Grid.LastWindowStart(timeMs); start > timeMs - Grid.SizeMs; start -= Grid.SlideMs)
        {
            windows.Add(new TimeWindow(start, start + Grid.SizeMs));
        }
    }
}

internal sealed class SessionAssigner<T>(SessionWindows<T> sessions) : WindowAssigner<T>
{
    public override TimeDomain Domain => sessions.Domain;

    public SessionWindows<T> Sessions => sessions;

    public override bool IsMerging => true;

    public override Trigger<T> DefaultTrigger => Domain == TimeDomain.EventTime ? Triggers.EventTime<T>() : Triggers.ProcessingTime<T>();

    public override void Assign(T record, long timeMs, List<TimeWindow> windows) => windows.Add(new TimeWindow(timeMs, timeMs + sessions.GapMs(record)));
}

internal sealed class GlobalAssigner<T> : WindowAssigner<T>
{
    public override Trigger<T> DefaultTrigger => Triggers.Never<T>();

    public override void Assign(T record, long timeMs, List<TimeWindow> windows) => windows.Add(GlobalWindows.Window);
}
