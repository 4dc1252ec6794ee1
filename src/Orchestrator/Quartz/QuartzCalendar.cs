using System.Globalization;
using Quartz;
using Quartz.Impl.Calendar;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>A business calendar as data: instants that are excluded from a schedule. Immutable; calendars add up with <see cref="And"/>.</summary>
public sealed record QuartzCalendar
{
    /// <summary>What it excludes.</summary>
    public required QuartzCalendarKind Kind { get; init; }

    /// <summary>The IANA time zone its days are in; UTC by default.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>What is excluded: <c>12-25</c>, <c>2026-12-24</c>, <c>Saturday</c>, <c>31</c>, <c>00:00..06:30</c> (<c>!</c> before it for
    /// the rest of the day), or a cron expression.</summary>
    public required IReadOnlyList<string> Excluded { get; init; }

    /// <summary>A calendar whose exclusions hold too; null for none.</summary>
    public QuartzCalendar? Base { get; init; }

    /// <summary>Excludes days of each year.</summary>
    /// <param name="days">Months and days, for example <c>new(12, 25)</c>.</param>
    public static QuartzCalendar Annual(params IEnumerable<MonthDay> days) => Of(
        QuartzCalendarKind.Annual, days.Order().Select(day => string.Create(CultureInfo.InvariantCulture, $"{day.Month:D2}-{day.Day:D2}")));

    /// <summary>Excludes dates.</summary>
    /// <param name="dates">The dates.</param>
    public static QuartzCalendar Holidays(params IEnumerable<DateOnly> dates) =>
        Of(QuartzCalendarKind.Holidays, dates.Order().Select(date => date.ToString("O", CultureInfo.InvariantCulture)));

    /// <summary>Excludes days of each week.</summary>
    /// <param name="days">The days.</param>
    public static QuartzCalendar Weekly(params IEnumerable<DayOfWeek> days) =>
        Of(QuartzCalendarKind.Weekly, days.Order().Select(day => day.ToString()));

    /// <summary>Excludes days of each month.</summary>
    /// <param name="days">1 to 31.</param>
    public static QuartzCalendar Monthly(params IEnumerable<int> days) =>
        Of(QuartzCalendarKind.Monthly, days.Order().Select(day => day.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Excludes a part of each day.</summary>
    /// <param name="from">Its first instant.</param>
    /// <param name="to">Its last instant, later than the first.</param>
    /// <param name="isInverted">True: everything but that part is excluded.</param>
    public static QuartzCalendar Daily(TimeOnly from, TimeOnly to, bool isInverted = false) => Of(
        QuartzCalendarKind.Daily,
        [$"{(isInverted ? "!" : string.Empty)}{from.ToString("O", CultureInfo.InvariantCulture)}..{to.ToString("O", CultureInfo.InvariantCulture)}"]);

    /// <summary>Excludes what a Quartz cron expression matches.</summary>
    /// <param name="expression">The expression, with seconds.</param>
    public static QuartzCalendar Cron(string expression)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        return Of(QuartzCalendarKind.Cron, [expression]);
    }

    /// <summary>Takes its days in another zone.</summary>
    /// <param name="zone">An IANA name.</param>
    public QuartzCalendar In(string zone)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(zone);
        return this with { Zone = zone };
    }

    /// <summary>Excludes what another calendar excludes as well.</summary>
    /// <param name="other">The other.</param>
    public QuartzCalendar And(QuartzCalendar other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with { Base = Base?.And(other) ?? other };
    }

    /// <summary>The calendars of a chain as one text.</summary>
    public override string ToString() => $"{Kind} {string.Join(", ", Excluded)}{(Base is null ? string.Empty : $" and {Base}")}";

    /// <summary>Reads one of Quartz's own calendars.</summary>
    /// <exception cref="Schedules.TimetableException">It is of a kind that is not one of Quartz's.</exception>
    internal static QuartzCalendar Of(ICalendar calendar)
    {
        var read = calendar switch
        {
            AnnualCalendar annual => Annual(annual.DaysExcluded),
            HolidayCalendar holidays => Holidays(holidays.DaysExcluded),
            WeeklyCalendar weekly => Weekly(weekly.DaysExcluded),
            MonthlyCalendar monthly => Monthly(monthly.DaysExcluded),
            DailyCalendar daily => Daily(daily.TimeRange.Start, daily.TimeRange.End, daily.InvertTimeRange),
            CronCalendar cron => Cron(cron.CronExpression.CronExpressionString),
            _ => throw new Schedules.TimetableException(
                $"the calendar {calendar.GetType().Name} is not one of Quartz's, so it cannot be kept: build a QuartzCalendar."),
        };
        return read with
        {
            Zone = calendar is BaseCalendar { TimeZone: { } zone } ? zone.Id : "UTC",
            Base = calendar.CalendarBase is { } inner ? Of(inner) : null,
        };
    }

    internal ICalendar Build()
    {
        BaseCalendar calendar = Kind switch
        {
            QuartzCalendarKind.Annual => AnnualDays(),
            QuartzCalendarKind.Holidays => HolidayDates(),
            QuartzCalendarKind.Weekly => WeekDays(),
            QuartzCalendarKind.Monthly => MonthDays(),
            QuartzCalendarKind.Daily => PartOfDay(),
            _ => new CronCalendar(Excluded[0]),
        };
        calendar.TimeZone = QuartzTrigger.FindZone(Zone);
        calendar.CalendarBase = Base?.Build();
        return calendar;
    }

    private static QuartzCalendar Of(QuartzCalendarKind kind, IEnumerable<string> excluded) => new() { Kind = kind, Excluded = [.. excluded] };

    private AnnualCalendar AnnualDays()
    {
        var calendar = new AnnualCalendar();
        foreach (var day in Excluded)
        {
            var parts = day.Split('-');
            calendar.AddExcludedDay(new MonthDay(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)));
        }

        return calendar;
    }

    private HolidayCalendar HolidayDates()
    {
        var calendar = new HolidayCalendar();
        foreach (var date in Excluded)
        {
            calendar.AddExcludedDay(DateOnly.Parse(date, CultureInfo.InvariantCulture));
        }

        return calendar;
    }

    /// <summary>Quartz's weekly calendar begins with the week-end excluded.</summary>
    private WeeklyCalendar WeekDays()
    {
        var calendar = new WeeklyCalendar();
        foreach (var day in Enum.GetValues<DayOfWeek>())
        {
            if (Excluded.Contains(day.ToString()))
            {
                calendar.AddExcludedDay(day);
            }
            else
            {
                calendar.RemoveExcludedDay(day);
            }
        }

        return calendar;
    }

    private MonthlyCalendar MonthDays()
    {
        var calendar = new MonthlyCalendar();
        foreach (var day in Excluded)
        {
            calendar.AddExcludedDay(int.Parse(day, CultureInfo.InvariantCulture));
        }

        return calendar;
    }

    private DailyCalendar PartOfDay()
    {
        var isInverted = Excluded[0].StartsWith('!');
        var ends = Excluded[0].TrimStart('!').Split("..");
        return new DailyCalendar(TimeOnly.Parse(ends[0], CultureInfo.InvariantCulture), TimeOnly.Parse(ends[1], CultureInfo.InvariantCulture))
        {
            InvertTimeRange = isInverted,
        };
    }
}
