namespace DataPlatform.Quality.Metrics;

/// <summary>Times as engines give them: microseconds since 1970, of which some lie outside the calendar of .NET.</summary>
internal static class EpochTime
{
    private const double MicrosecondsPerTick = 0.1;

    /// <summary>The instant; the first or the last of the calendar for a time before or after it, so that a year of five digits is very new and no crash.</summary>
    /// <param name="microseconds">Microseconds since 1970-01-01 UTC; not NaN.</param>
    public static DateTimeOffset Of(double microseconds) => IsInCalendar(microseconds)
        ? DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds)
        : microseconds < 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue;

    /// <summary>Whether .NET has an instant for a time.</summary>
    public static bool IsInCalendar(double microseconds)
        => microseconds > (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks * MicrosecondsPerTick
            && microseconds < (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks * MicrosecondsPerTick;
}
