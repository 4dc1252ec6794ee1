using Quartz;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>A Quartz trigger and its calendar as data: what stores, plans and the content hash of a DAG keep.</summary>
/// <remarks>Made by <see cref="QuartzTimetable"/>. Immutable.</remarks>
public sealed record QuartzSchedule
{
    /// <summary>Which trigger.</summary>
    public required QuartzScheduleKind Kind { get; init; }

    /// <summary>The first instant it may fire at, and where it counts from.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The last instant it may fire at; null for none.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The IANA time zone; UTC by default.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>Units between fires; 1 by default. For intervals.</summary>
    public int Interval { get; init; } = 1;

    /// <summary>The unit. For intervals.</summary>
    public IntervalUnit Unit { get; init; } = IntervalUnit.Day;

    /// <summary>Whether a fire keeps its hour when clocks change. For calendar intervals.</summary>
    public bool PreservesHour { get; init; }

    /// <summary>Whether a day whose hour is skipped by the clock has no fire. For calendar intervals.</summary>
    public bool SkipsDayWithoutHour { get; init; }

    /// <summary>The first fire of a day; null for midnight. For daily time intervals.</summary>
    public TimeOnly? DailyFrom { get; init; }

    /// <summary>No fire of a day is later; null for its end. For daily time intervals.</summary>
    public TimeOnly? DailyTo { get; init; }

    /// <summary>The days of the week it fires on; empty for all. For daily time intervals.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>The rule or the cron expression.</summary>
    public string? Expression { get; init; }

    /// <summary>Instants it does not fire at; null for none.</summary>
    public QuartzCalendar? Calendar { get; init; }

    /// <summary>True: runs have an interval without length. False: the interval from the fire before.</summary>
    public bool IsPoint { get; init; }
}
