namespace DataPlatform.Orchestrator.Schedules;

/// <summary>When a DAG runs by the clock. Pure: the same question always has the same answer, and no clock is read.</summary>
/// <remarks>Implementations are immutable and thread-safe. Successive fires have strictly growing <see cref="ScheduledFire.RunAfter"/> in
/// UTC.</remarks>
public interface ITimetable
{
    /// <summary>For people, for example <c>cron '*/5 * * * *' in UTC</c>.</summary>
    string Summary { get; }

    /// <summary>For stores: JSON that <see cref="Timetable.Parse"/> reads back.</summary>
    string Specification { get; }

    /// <summary>False for <see cref="Timetable.Manual"/>, which never fires.</summary>
    bool FiresByClock { get; }

    /// <summary>The zone in which a fire of it is told to people; UTC where it has none.</summary>
    /// <param name="fire">A fire of this timetable.</param>
    TimeZoneInfo ZoneOf(ScheduledFire fire) => TimeZoneInfo.Utc;

    /// <summary>The instant that a fire is named after: RunAfter without jitter.</summary>
    /// <param name="fire">A fire of this timetable.</param>
    DateTimeOffset NominalOf(ScheduledFire fire) => fire.RunAfter;

    /// <summary>The first fire whose RunAfter is later than an instant; null when there is none.</summary>
    /// <param name="instant">The instant.</param>
    ScheduledFire? NextAfter(DateTimeOffset instant);

    /// <summary>The last fire whose RunAfter is not later than an instant, so whose interval is complete; null when there is
    /// none.</summary>
    /// <param name="instant">The instant.</param>
    ScheduledFire? LatestAtOrBefore(DateTimeOffset instant);
}
