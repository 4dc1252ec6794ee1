namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Looks ahead: the next fires of a timetable with notes about daylight saving.</summary>
public static class TimetablePlan
{
    /// <summary>The largest plan.</summary>
    public const int CountMax = 10_000;

    private static readonly DateTimeOffset Probe = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a timetable fires at all: one for 31 February does not.</summary>
    /// <param name="timetable">The timetable.</param>
    /// <param name="start">The instant it counts from; null for one of 2000 and before.</param>
    /// <exception cref="TimetableException">The timetable throws, or breaks what <see cref="ITimetable"/> promises.</exception>
    public static bool EverFires(ITimetable timetable, DateTimeOffset? start)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        timetable = Held(timetable);
        return timetable.NextAfter(start ?? Probe) is not null || timetable.LatestAtOrBefore(Probe) is not null;
    }

    /// <summary>The next fires after an instant.</summary>
    /// <param name="timetable">The timetable.</param>
    /// <param name="after">The instant.</param>
    /// <param name="count">How many; 1 to <see cref="CountMax"/>. Fewer come back when the timetable ends.</param>
    /// <exception cref="TimetableException">The timetable throws, or breaks what <see cref="ITimetable"/> promises.</exception>
    public static IReadOnlyList<PlannedFire> Next(ITimetable timetable, DateTimeOffset after, int count)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, CountMax);
        timetable = Held(timetable);
        var plan = new List<PlannedFire>(count);
        var instant = after;
        (TimeZoneInfo? Zone, DateTimeOffset? Nominal) previous = default;
        while (plan.Count < count && timetable.NextAfter(instant) is { } fire)
        {
            var zone = timetable.ZoneOf(fire);
            var local = TimeZoneInfo.ConvertTime(fire.RunAfter, zone);
            var nominal = TimeZoneInfo.ConvertTime(timetable.NominalOf(fire), zone);
            plan.Add(new PlannedFire(fire, local, Note(zone, nominal, previous.Zone == zone ? previous.Nominal : null)));
            (instant, previous) = (fire.RunAfter, (zone, nominal));
        }

        return plan;
    }

    /// <summary>The next fire after an instant, for lists; null when there is none, or the timetable throws: whoever wants to know why asks
    /// <see cref="Next"/>.</summary>
    /// <param name="timetable">The timetable.</param>
    /// <param name="after">The instant.</param>
    public static ScheduledFire? NextOrNull(ITimetable timetable, DateTimeOffset after)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        try
        {
            return Held(timetable).NextAfter(after);
        }
        catch (TimetableException)
        {
            return null;
        }
    }

    private static ITimetable Held(ITimetable timetable) =>
        GuardedTimetable.IsOurs(timetable) ? timetable : new GuardedTimetable(timetable, 4 * CountMax);

    private static string? Note(TimeZoneInfo zone, DateTimeOffset local, DateTimeOffset? previous)
    {
        if (zone.IsAmbiguousTime(local.DateTime))
        {
            var isSecond = zone.GetUtcOffset(local) == zone.GetAmbiguousTimeOffsets(local.DateTime).Min();
            return isSecond ? "the hour repeats: second pass" : "the hour repeats: first pass";
        }

        // Just before the instant the local clock showed another offset: it was put forward to this time.
        var before = zone.GetUtcOffset(local.AddTicks(-1));
        if (before < local.Offset)
        {
            return $"the clock jumps forward here from {local.ToOffset(before):HH:mm}: a skipped time fires now";
        }

        return previous is { } earlier && earlier.Offset != local.Offset ? $"the offset changed to {local:zzz}" : null;
    }
}
