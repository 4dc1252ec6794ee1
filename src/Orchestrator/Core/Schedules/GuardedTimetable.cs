using System.Globalization;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>
/// A timetable that somebody else wrote, held to what <see cref="ITimetable"/> promises: what it throws or answers against that is a
/// <see cref="TimetableException"/> which says so, and it is asked so often at most. For one question; not thread-safe.
/// </summary>
internal sealed class GuardedTimetable(ITimetable inner, int asksMax) : ITimetable
{
    /// <summary>Asks for one next fire, beyond which the timetable does not advance.</summary>
    public const int AsksForNext = 10_000;

    private int _asks;

    public string Summary => inner.Summary;

    public string Specification => inner.Specification;

    public bool FiresByClock => Asked(() => inner.FiresByClock);

    /// <summary>Whether a timetable is of this project throughout: then it is fast, and keeps what it promises.</summary>
    public static bool IsOurs(ITimetable timetable) => timetable switch
    {
        UnionTimetable union => union.Parts.All(IsOurs),
        JitterTimetable jitter => IsOurs(jitter.Inner),
        _ => timetable.GetType().Assembly == typeof(GuardedTimetable).Assembly,
    };

    public TimeZoneInfo ZoneOf(ScheduledFire fire) => Asked(() => inner.ZoneOf(fire));

    public DateTimeOffset NominalOf(ScheduledFire fire) => Asked(() => inner.NominalOf(fire));

    public ScheduledFire? NextAfter(DateTimeOffset instant)
    {
        var fire = Sound(Asked(() => inner.NextAfter(instant)));
        return fire is null || fire.Value.RunAfter > instant
            ? fire
            : throw new TimetableException($"asked for a fire after {Text(instant)} it gave one at {Text(fire.Value.RunAfter)}: it does not advance.");
    }

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant)
    {
        var fire = Sound(Asked(() => inner.LatestAtOrBefore(instant)));
        return fire is null || fire.Value.RunAfter <= instant
            ? fire
            : throw new TimetableException($"asked for the last fire up to {Text(instant)} it gave one at {Text(fire.Value.RunAfter)}, which is later.");
    }

    private static ScheduledFire? Sound(ScheduledFire? fire)
    {
        if (fire is not { } found)
        {
            return null;
        }

        if (found.Interval.End < found.Interval.Start)
        {
            throw new TimetableException($"the data interval of its fire at {Text(found.RunAfter)} ends before it starts.");
        }

        // Stores keep microseconds: a fire between two would look like another one after a restart.
        return new ScheduledFire(new DataInterval(Whole(found.Interval.Start), Whole(found.Interval.End)), Whole(found.LogicalDate), Whole(found.RunAfter));
    }

    private static DateTimeOffset Whole(DateTimeOffset instant)
    {
        var over = instant.UtcTicks % TimeSpan.TicksPerMicrosecond;
        return over == 0 || instant.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.TicksPerMicrosecond
            ? instant
            : new DateTimeOffset(instant.UtcTicks - over + TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    private static string Text(DateTimeOffset instant) => instant.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private T Asked<T>(Func<T> ask)
    {
        if (++_asks > asksMax)
        {
            throw new TimetableException($"it was asked {asksMax} times and gave no fire that counts.");
        }

        try
        {
            return ask();
        }
#pragma warning disable CA1031 // Outside code: whatever it throws is one fault of this timetable, with the cause inside.
        catch (Exception exception) when (exception is not TimetableException)
#pragma warning restore CA1031
        {
            throw new TimetableException(ScheduleFault.ReasonOf(exception), exception);
        }
    }
}
