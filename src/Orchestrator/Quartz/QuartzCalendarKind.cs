namespace DataPlatform.Orchestrator.Quartz;

/// <summary>What a <see cref="QuartzCalendar"/> excludes.</summary>
public enum QuartzCalendarKind
{
    /// <summary>Days of each year.</summary>
    Annual,

    /// <summary>Dates.</summary>
    Holidays,

    /// <summary>Days of each week.</summary>
    Weekly,

    /// <summary>Days of each month.</summary>
    Monthly,

    /// <summary>A part of each day.</summary>
    Daily,

    /// <summary>What a Quartz cron expression matches.</summary>
    Cron,
}
