using System.Globalization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Freshness;

/// <summary>A promise that a table is committed within a time after a local time of day: "within 2 h of midnight, Europe/Berlin".</summary>
/// <param name="At">The local time of day from which the time runs.</param>
/// <param name="Within">How long it may take; positive, at most 24 h.</param>
/// <param name="Zone">The zone of <paramref name="At"/>; clock changes are honoured.</param>
public sealed record FreshnessSla(TimeOnly At, TimeSpan Within, TimeZoneInfo Zone)
{
    /// <summary>Makes a promise in a named zone.</summary>
    /// <param name="at">The local time of day.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="zoneId">The zone's IANA or Windows name.</param>
    /// <exception cref="QualityException">There is no such zone here, or the time is not between 0 and 24 h.</exception>
    public static FreshnessSla In(TimeOnly at, TimeSpan within, string zoneId)
    {
        if (within <= TimeSpan.Zero || within > TimeSpan.FromDays(1))
        {
            throw new QualityException(ErrorKind.Invalid, $"A table must be fresh within 0 to 24 h, not {within}.");
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zoneId, out var zone)
            ? new FreshnessSla(at, within, zone)
            : throw new QualityException(ErrorKind.Invalid, $"There is no time zone '{zoneId}' on this machine; use an IANA name such as Europe/Berlin.");
    }

    /// <summary>Judges a table by the time of its newest commit, as the lake's log tells it.</summary>
    /// <param name="newestCommit">When the table was last committed; null when never.</param>
    /// <param name="now">The instant of the judgement.</param>
    public FreshnessVerdict Judge(DateTimeOffset? newestCommit, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Zone).DateTime);
        var start = InstantOf(today);
        if (start > now)
        {
            start = InstantOf(today.AddDays(-1));
        }

        var deadline = start + Within;
        var isFresh = newestCommit >= start;
        var outcome = isFresh ? Outcome.Pass : now < deadline ? Outcome.NoData : Outcome.Fail;
        return new FreshnessVerdict(outcome, start, deadline, newestCommit, Message(outcome, newestCommit, start, deadline));
    }

    private static string Message(Outcome outcome, DateTimeOffset? newest, DateTimeOffset start, DateTimeOffset deadline) => outcome switch
    {
        Outcome.Pass => $"Committed at {Text(newest!.Value)}, due by {Text(deadline)}.",
        Outcome.NoData => $"Not committed since {Text(start)} yet; due by {Text(deadline)}.",
        _ => $"Not committed since {Text(start)}; it was due by {Text(deadline)} and the newest commit is {(newest is { } n ? Text(n) : "missing")}.",
    };

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The instant of a local time: one that a clock change skips is taken as just after it, one that comes twice as its first.</summary>
    private DateTimeOffset InstantOf(DateOnly day)
    {
        var local = day.ToDateTime(At, DateTimeKind.Unspecified);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        var offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }
}

/// <summary>The judgement on a <see cref="FreshnessSla"/>.</summary>
/// <param name="Outcome">Pass when committed since the start, fail when overdue, no data while there is still time.</param>
/// <param name="Start">From when the time runs.</param>
/// <param name="Deadline">Until when it must be committed.</param>
/// <param name="NewestCommit">The newest commit; null for none.</param>
/// <param name="Message">One sentence.</param>
public sealed record FreshnessVerdict(Outcome Outcome, DateTimeOffset Start, DateTimeOffset Deadline, DateTimeOffset? NewestCommit, string Message);
