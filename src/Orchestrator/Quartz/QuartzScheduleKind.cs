namespace DataPlatform.Orchestrator.Quartz;

/// <summary>Which of Quartz's triggers computes the fire times of a <see cref="QuartzSchedule"/>.</summary>
public enum QuartzScheduleKind
{
    /// <summary>Every so many days, weeks, months or years of the calendar, at the hour of the start.</summary>
    CalendarInterval,

    /// <summary>Every so many seconds, minutes or hours between two times of the day, on some days of the week.</summary>
    DailyTimeInterval,

    /// <summary>A recurrence rule of RFC 5545.</summary>
    Recurrence,

    /// <summary>Quartz's cron with seconds, years, <c>L</c>, <c>W</c> and <c>#</c>.</summary>
    Cron,
}
