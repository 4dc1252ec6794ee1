using System.Globalization;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>An instant seen in a zone. Steps of days and months keep the wall clock over changes of the clocks; steps of hours do
/// not.</summary>
internal readonly record struct ZonedTime(DateTimeOffset Instant, TimeZoneInfo Zone)
{
    private static readonly TimeSpan GapStep = TimeSpan.FromMinutes(15);

    public DateTime Local => TimeZoneInfo.ConvertTime(Instant, Zone).DateTime;

    /// <summary>The instant of a wall-clock time: one inside a gap is moved past it, one that comes twice is the first.</summary>
    public static ZonedTime At(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
        {
            local += GapStep;
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new ZonedTime(new DateTimeOffset(local, offset).ToUniversalTime(), zone);
    }

    public ZonedTime AddDays(int days) => At(Local.AddDays(days), Zone);

    /// <summary>A day that a month does not have becomes its last.</summary>
    public ZonedTime AddMonths(int months) => At(Local.AddMonths(months), Zone);

    public ZonedTime Add(TimeSpan elapsed) => this with { Instant = Instant + elapsed };

    /// <summary>The beginning of the hour, day, week (Monday), month or year; null for another word.</summary>
    public ZonedTime? StartOf(string unit)
    {
        var local = Local;
        return unit switch
        {
            // The first hour of a fold is another than the second: the instant tells which.
            "hour" => Add(-new TimeSpan(0, 0, local.Minute, local.Second, local.Millisecond, local.Microsecond)),
            "day" => At(local.Date, Zone),
            "week" => At(local.Date.AddDays(-(((int)local.DayOfWeek + 6) % 7)), Zone),
            "month" => At(new DateTime(local.Year, local.Month, 1), Zone),
            "year" => At(new DateTime(local.Year, 1, 1), Zone),
            _ => null,
        };
    }

    public string Format(string pattern) => TimeZoneInfo.ConvertTime(Instant, Zone).ToString(pattern, CultureInfo.InvariantCulture);

    public override string ToString() => Zone.BaseUtcOffset == TimeSpan.Zero && !Zone.SupportsDaylightSavingTime
        ? Instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
        : Format("yyyy-MM-ddTHH:mm:sszzz");
}
