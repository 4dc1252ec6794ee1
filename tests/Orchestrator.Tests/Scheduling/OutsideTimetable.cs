using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

/// <summary>A timetable of a user, with whatever it answers.</summary>
internal sealed class OutsideTimetable(Func<DateTimeOffset, ScheduledFire?> nextAfter) : ITimetable
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public string Summary => "the user's own";

    public string Specification => """{"kind":"outside"}""";

    public bool FiresByClock => true;

    /// <summary>A fire about an instant.</summary>
    public static ScheduledFire At(DateTimeOffset instant) => new(DataInterval.At(instant), instant, instant);

    public ScheduledFire? NextAfter(DateTimeOffset instant)
    {
        Interlocked.Increment(ref _asked);
        return nextAfter(instant);
    }

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => null;
}
