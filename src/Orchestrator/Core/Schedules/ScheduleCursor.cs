namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Decides which fire of a timetable is the next for a DAG, given what it ran last. Pure.</summary>
internal static class ScheduleCursor
{
    /// <summary>Bounds the search when a changed timetable would name a logical date again.</summary>
    private const int RepeatsMax = 1_000;

    /// <summary>As for <see cref="Timetable.Every"/>: what fires more often is a mistake, and would be all that the engine does.</summary>
    private static readonly TimeSpan PeriodMin = TimeSpan.FromMilliseconds(1);

    /// <param name="timetable">When.</param>
    /// <param name="catchup">Whether missed intervals all run.</param>
    /// <param name="start">Where the first interval begins, when the DAG says so.</param>
    /// <param name="registered">When the DAG was first seen.</param>
    /// <param name="last">The last fire that became a run; null when none did.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="TimetableException">The timetable gives no fire that counts, or breaks what <see cref="ITimetable"/> promises.</exception>
    public static ScheduledFire? Next(
        ITimetable timetable, bool catchup, DateTimeOffset? start, DateTimeOffset registered, ScheduledFire? last, DateTimeOffset now)
    {
        var next = last is { } fired ? After(timetable, fired) : First(timetable, start, registered);
        if (next is not { } candidate || catchup || candidate.RunAfter > now)
        {
            return next;
        }

        // A gap: only the latest interval that is complete runs, and then the normal rhythm goes on.
        return timetable.LatestAtOrBefore(now) is { } latest && latest.RunAfter >= candidate.RunAfter && IsNew(latest, last) ? latest
            : next;
    }

    private static ScheduledFire? First(ITimetable timetable, DateTimeOffset? start, DateTimeOffset registered)
    {
        // A point in the past, such as "once", fires at registration.
        if (timetable is OnceTimetable)
        {
            return timetable.NextAfter(DateTimeOffset.MinValue);
        }

        if (start is not { } begin)
        {
            return timetable.NextAfter(registered);
        }

        var from = begin.ToUniversalTime();
        var fire = timetable.NextAfter(from == DateTimeOffset.MinValue ? from : from.AddTicks(-1));
        while (fire is { } candidate && candidate.Interval.Start < from)
        {
            fire = timetable.NextAfter(candidate.RunAfter);
        }

        return fire;
    }

    /// <summary>The next must lie strictly later in both instants, else a change from points to intervals would run a logical date
    /// twice.</summary>
    private static ScheduledFire? After(ITimetable timetable, ScheduledFire last)
    {
        var fire = timetable.NextAfter(last.RunAfter);
        for (var i = 0; i < RepeatsMax && fire is { } candidate; i++)
        {
            if (IsNew(candidate, last))
            {
                return candidate.RunAfter - last.RunAfter >= PeriodMin
                    ? candidate
                    : throw new TimetableException($"it fires twice within a millisecond, at {candidate.RunAfter:O}.");
            }

            fire = timetable.NextAfter(candidate.RunAfter);
        }

        return fire is null ? null : throw new TimetableException(
            $"its next {RepeatsMax} fires have no later logical date than {last.LogicalDate:O}, which ran last.");
    }

    private static bool IsNew(ScheduledFire fire, ScheduledFire? last) =>
        last is not { } before || (fire.RunAfter > before.RunAfter && fire.LogicalDate > before.LogicalDate);
}
