using System.Globalization;

namespace DataPlatform.Orchestrator.Schedules;

internal sealed class PeriodTimetable : ITimetable
{
    private readonly TimeSpan _period;
    private readonly DateTimeOffset _anchor;

    public PeriodTimetable(TimeSpan period, DateTimeOffset anchor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(1));
        _period = period;
        _anchor = anchor.ToUniversalTime();
    }

    public string Summary => $"every {_period.ToString("c", CultureInfo.InvariantCulture)}";

    public string Specification =>
        TimetableSpecification.Write(new() { Kind = "every", PeriodMs = _period.TotalMilliseconds, Anchor = _anchor });

    public bool FiresByClock => true;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => Ending(Floor(instant) + 1);

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Ending(Floor(instant));

    private long Floor(DateTimeOffset instant)
    {
        var ticks = (instant - _anchor).Ticks;
        var (quotient, remainder) = Math.DivRem(ticks, _period.Ticks);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    /// <summary>The interval that ends at the given multiple of the period; null outside the calendar.</summary>
    private ScheduledFire? Ending(long multiple)
    {
        var end = (Int128)_anchor.Ticks + ((Int128)multiple * _period.Ticks);
        var start = end - _period.Ticks;
        if (start < DateTimeOffset.MinValue.Ticks || end > DateTimeOffset.MaxValue.Ticks)
        {
            return null;
        }

        var interval = new DataInterval(new((long)start, TimeSpan.Zero), new((long)end, TimeSpan.Zero));
        return new ScheduledFire(interval, interval.Start, interval.End);
    }
}
