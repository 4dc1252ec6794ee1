using DataPlatform.Orchestrator.Schedules;
using Quartz;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>Asks a trigger, that is never scheduled, for its fire times.</summary>
internal sealed class TriggerTimetable : ITimetable
{
    /// <summary>Fire times looked at for one answer, so that a calendar which excludes everything ends a search.</summary>
    private const int LooksMax = 100_000;

    /// <summary>Where Quartz itself gives up.</summary>
    private const int YearMax = 2299;

    private readonly Lock _gate = new();
    private readonly QuartzSchedule _schedule;
    private readonly ITrigger _trigger;
    private readonly ICalendar? _calendar;
    private readonly TimeZoneInfo _zone;

    public TriggerTimetable(QuartzSchedule schedule, string specification)
    {
        _schedule = schedule;
        _trigger = QuartzTrigger.Build(schedule);
        _calendar = schedule.Calendar?.Build();
        _zone = QuartzTrigger.FindZone(schedule.Zone);
        Specification = specification;
    }

    public string Summary
    {
        get
        {
            var what = _schedule.Kind is QuartzScheduleKind.Recurrence or QuartzScheduleKind.Cron
                ? $"{_schedule.Kind} '{_schedule.Expression}'"
                : $"every {_schedule.Interval} {_schedule.Unit}";
            return $"{what} from {_schedule.Start.UtcDateTime:u} in {_zone.Id}" +
                (_schedule.Calendar is { } calendar ? $" except {calendar}" : string.Empty);
        }
    }

    public string Specification { get; }

    public bool FiresByClock => true;

    public TimeZoneInfo ZoneOf(ScheduledFire fire) => _zone;

    public ScheduledFire? NextAfter(DateTimeOffset instant)
    {
        lock (_gate)
        {
            var end = Next(instant);
            var fire = end is null ? null : Ending(end.Value);

            // The first fire time has none before it, so no interval ends there.
            return fire is null && end is not null && Next(end.Value) is { } second ? Ending(second) : fire;
        }
    }

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant)
    {
        lock (_gate)
        {
            return Latest(instant) is { } end ? Ending(end) : null;
        }
    }

    private ScheduledFire? Ending(DateTimeOffset end)
    {
        if (_schedule.IsPoint)
        {
            return new ScheduledFire(DataInterval.At(end), end, end);
        }

        return Latest(end.AddTicks(-1)) is { } start ? new ScheduledFire(new DataInterval(start, end), start, end) : null;
    }

    /// <summary>The first fire time after an instant that the calendar does not exclude.</summary>
    private DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = after.ToUniversalTime();
        for (var i = 0; i < LooksMax && _trigger.GetFireTimeAfter(from) is { } found && found.Year <= YearMax; i++)
        {
            if (found > after && _calendar?.IsTimeIncluded(found) != false)
            {
                return found.ToUniversalTime();
            }

            // Over an excluded stretch at once; and never back, which would be for ever.
            var reached = found > from ? found : from.AddSeconds(1);
            var included = _calendar is null ? reached : _calendar.GetNextIncludedTimeUtc(reached);
            from = included > reached.AddSeconds(1) ? included.AddSeconds(-1) : reached;
        }

        return null;
    }

    /// <summary>The last fire time not after an instant. Quartz looks forward only, so windows that grow are looked through.</summary>
    private DateTimeOffset? Latest(DateTimeOffset instant)
    {
        var left = LooksMax;
        for (var width = Spacing(instant) * 2; instant >= _schedule.Start && left > 0; width *= 4)
        {
            var from = instant - _schedule.Start > width ? instant - width : _schedule.Start.AddSeconds(-1);
            DateTimeOffset? last = null;
            for (var found = Next(from); found <= instant && left > 0; found = Next(found.Value), left--)
            {
                last = found;
            }

            if (last is not null || from < _schedule.Start)
            {
                return last;
            }
        }

        return null;
    }

    private TimeSpan Spacing(DateTimeOffset instant) =>
        Next(instant) is { } first && Next(first) is { } second ? second - first : TimeSpan.FromDays(1);
}
