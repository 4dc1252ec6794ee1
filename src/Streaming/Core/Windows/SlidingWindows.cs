using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <summary>Windows of equal size that begin at equal distances; each record belongs to size / slide of them.</summary>
/// <remarks>Immutable.</remarks>
public sealed class SlidingWindows
{
    private SlidingWindows(SliceGrid grid, TimeDomain domain)
    {
        Grid = grid;
        Domain = domain;
    }

    internal SliceGrid Grid { get; }

    internal TimeDomain Domain { get; }

    /// <summary>Windows over event time. The cost of a record does not depend on size / slide.</summary>
    /// <param name="size">The length of a window, at least one millisecond.</param>
    /// <param name="slide">The distance of two starts, at least one millisecond.</param>
    /// <param name="offset">Moves all starts, for example by a time zone's distance from UTC; smaller than the slide.</param>
    public static SlidingWindows OfEventTime(TimeSpan size, TimeSpan slide, TimeSpan offset = default) => new(Check(size, slide, offset), TimeDomain.EventTime);

    /// <summary>Windows over the job's clock: a record belongs to the windows of the moment at which it is processed.</summary>
    /// <param name="size">The length of a window, at least one millisecond.</param>
    /// <param name="slide">The distance of two starts, at least one millisecond.</param>
    /// <param name="offset">Moves all starts; smaller than the slide.</param>
    public static SlidingWindows OfProcessingTime(TimeSpan size, TimeSpan slide, TimeSpan offset = default) => new(Check(size, slide, offset), TimeDomain.ProcessingTime);

    private static SliceGrid Check(TimeSpan size, TimeSpan slide, TimeSpan offset)
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
    /// <param name="offset">Moves all starts, for example by a time zone's distance from UTC; smaller than the size.</param>
    public static SlidingWindows OfEventTime(TimeSpan size, TimeSpan offset = default) => SlidingWindows.OfEventTime(size, size, offset);

    /// <summary>Windows over the job's clock.</summary>
    /// <param name="size">The length of a window, at least one millisecond.</param>
    /// <param name="offset">Moves all starts; smaller than the size.</param>
    public static SlidingWindows OfProcessingTime(TimeSpan size, TimeSpan offset = default) => SlidingWindows.OfProcessingTime(size, size, offset);
}
