using Quartz;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>Between Quartz's triggers and <see cref="QuartzSchedule"/>.</summary>
internal static class QuartzTrigger
{
    public static ITrigger Build(QuartzSchedule schedule) => TriggerBuilder.Create(TimeProvider.System).WithIdentity("timetable")
        .StartAt(schedule.Start).EndAt(schedule.End).WithSchedule(ScheduleOf(schedule)).Build();

    public static QuartzSchedule Read(ITrigger trigger, QuartzCalendar? calendar, bool isPoint)
    {
        var schedule = trigger switch
        {
            ICalendarIntervalTrigger interval => Interval(interval),
            IDailyTimeIntervalTrigger daily => Daily(daily),
            IRecurrenceTrigger rule => Expression(rule, QuartzScheduleKind.Recurrence, rule.RecurrenceRule ?? string.Empty, rule.TimeZone),
            ICronTrigger cron => Expression(cron, QuartzScheduleKind.Cron, cron.CronExpressionString ?? string.Empty, cron.TimeZone),
            _ => throw new Schedules.TimetableException(
                $"a {trigger.GetType().Name} has no meaning as a timetable: use a calendar interval, a daily time interval, a rule or a cron."),
        };
        return schedule with { Calendar = calendar, IsPoint = isPoint };
    }

    public static TimeZoneInfo FindZone(string zone)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(zone);
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new Schedules.TimetableException(
                $"the time zone '{zone}' is not known on this machine: give an IANA name such as Europe/Berlin, and install tzdata.", exception);
        }
    }

    private static QuartzSchedule Interval(ICalendarIntervalTrigger trigger) => new()
    {
        Kind = QuartzScheduleKind.CalendarInterval,
        Start = trigger.StartTimeUtc,
        End = trigger.EndTimeUtc,
        Zone = trigger.TimeZone.Id,
        Interval = trigger.RepeatInterval,
        Unit = trigger.RepeatIntervalUnit,
        PreservesHour = trigger.PreserveHourOfDayAcrossDaylightSavings,
        SkipsDayWithoutHour = trigger.SkipDayIfHourDoesNotExist,
    };

    private static QuartzSchedule Daily(IDailyTimeIntervalTrigger trigger) => trigger.RepeatCount >= 0
        ? throw new Schedules.TimetableException("a trigger that ends after a number of fires is no timetable: give it an end instead.")
        : new()
        {
            Kind = QuartzScheduleKind.DailyTimeInterval,
            Start = trigger.StartTimeUtc,
            End = trigger.EndTimeUtc,
            Zone = trigger.TimeZone.Id,
            Interval = trigger.RepeatInterval,
            Unit = trigger.RepeatIntervalUnit,
            DailyFrom = trigger.StartTimeOfDay,
            DailyTo = trigger.EndTimeOfDay,
            Days = trigger.DaysOfWeek.Count == 7 ? [] : [.. trigger.DaysOfWeek.Order()],
        };

    private static QuartzSchedule Expression(ITrigger trigger, QuartzScheduleKind kind, string expression, TimeZoneInfo zone) => new()
    {
        Kind = kind,
        Start = trigger.StartTimeUtc,
        End = trigger.EndTimeUtc,
        Zone = zone.Id,
        Expression = expression,
    };

    private static IScheduleBuilder ScheduleOf(QuartzSchedule schedule)
    {
        var zone = FindZone(schedule.Zone);
        switch (schedule.Kind)
        {
            case QuartzScheduleKind.CalendarInterval:
                return CalendarIntervalScheduleBuilder.Create().WithInterval(schedule.Interval, schedule.Unit).InTimeZone(zone)
                    .PreserveHourOfDayAcrossDaylightSavings(schedule.PreservesHour).SkipDayIfHourDoesNotExist(schedule.SkipsDayWithoutHour);
            case QuartzScheduleKind.DailyTimeInterval:
                var daily = DailyTimeIntervalScheduleBuilder.Create().WithInterval(schedule.Interval, schedule.Unit).InTimeZone(zone);
                daily = schedule.Days.Count == 0 ? daily.OnEveryDay() : daily.OnDaysOfTheWeek(schedule.Days);
                daily = schedule.DailyFrom is { } from ? daily.StartingDailyAt(from) : daily;
                return schedule.DailyTo is { } to ? daily.EndingDailyAt(to) : daily;
            case QuartzScheduleKind.Recurrence:
                return RecurrenceScheduleBuilder.Create(schedule.Expression ?? string.Empty).InTimeZone(zone);
            default:
                return CronScheduleBuilder.Create(schedule.Expression ?? string.Empty).InTimeZone(zone);
        }
    }
}
