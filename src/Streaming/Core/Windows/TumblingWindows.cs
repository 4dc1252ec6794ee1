namespace DataPlatform.Streaming.Windows;

/// <summary>How records are put into windows.</summary>
/// <remarks>Immutable.</remarks>
public abstract class WindowAssigner
{
    private protected WindowAssigner()
    {
    }
}

/// <summary>Windows of equal size that begin at equal distances; each record belongs to size / slide of them.</summary>
public sealed class SlidingWindows : WindowAssigner
{
    private SlidingWindows(SliceGrid grid) => Grid = grid;

    internal SliceGrid Grid { get; }

    /// <summary>Windows over event time. The cost of a record does not depend on size / slide.</summary>
    /// <param name="size">The length of a window, at least one millisecond.</param>
    /// <param name="slide">The distance of two starts, at least one millisecond.</param>
    /// <param name="offset">Moves all starts, for example by a time zone's distance from UTC.</param>
    public static SlidingWindows OfEventTime(TimeSpan size, TimeSpan slide, TimeSpan offset = default) => new(Check(size, slide, offset));

    internal static SlidingWindows OfGrid(SliceGrid grid) => new(grid);

    internal static SliceGrid Check(TimeSpan size, TimeSpan slide, TimeSpan offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(slide, TimeSpan.FromMilliseconds(1));
        if (offset.Duration() >= slide)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "An offset is smaller than the distance of two windows.");
        }

        return new SliceGrid((long)size.TotalMilliseconds, (long)slide.TotalMilliseconds, (long)offset.TotalMilliseconds);
    }
}

/// <summary>Windows of equal size, one after the other; each record belongs to one.</summary>
public static class TumblingWindows
{
    /// <summary>Windows over event time.</summary>
    /// <param name="size">The length of a window, at least one millisecond.</param>
    /// <param name="offset">Moves all starts, for example by a time zone's distance from UTC.</param>
    public static SlidingWindows OfEventTime(TimeSpan size, TimeSpan offset = default) => SlidingWindows.OfGrid(SlidingWindows.Check(size, size, offset));
}
