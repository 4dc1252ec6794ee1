namespace DataPlatform.Orchestrator.Schedules;

internal sealed class MonthTimetable : ITimetable
{
    private readonly int _months;
    private readonly DateTimeOffset _anchor;

    public MonthTimetable(int months, DateTimeOffset anchor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(months, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(months, 12_000);
        _months = months;
        _anchor = anchor.ToUniversalTime();
    }

    public string Summary => _months == 1 ? $"monthly from {_anchor:u}" : $"every {_months} months from {_anchor:u}";

    public string Specification => TimetableSpecification.Write(new() { Kind = "months", Months = _months, Anchor = _anchor });

    public bool FiresByClock => true;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => Ending(Floor(instant) + 1);

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Ending(Floor(instant));

    /// <summary>The largest n whose boundary is not later than the instant. Boundaries grow with n because each lies in its own
    /// month.</summary>
    private int Floor(DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        var apart = ((utc.Year - _anchor.Year) * 12) + utc.Month - _anchor.Month;
        var guess = (int)Math.Floor(apart / (double)_months);
        return Boundary(guess) is { } boundary && boundary > utc ? guess - 1 : guess;
    }

    private ScheduledFire? Ending(int n)
    {
        if (Boundary(n - 1) is not { } start || Boundary(n) is not { } end)
        {
            return null;
        }

        return new ScheduledFire(new DataInterval(start, end), start, end);
    }

    private DateTimeOffset? Boundary(int n)
    {
        var month = ((long)_anchor.Year * 12) + _anchor.Month - 1 + ((long)n * _months);
        return month is < 12 or > (9999 * 12) ? null : _anchor.AddMonths(n * _months);
    }
}
