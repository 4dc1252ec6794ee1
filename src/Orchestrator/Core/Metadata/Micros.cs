namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Instants as microseconds since 1970-01-01 UTC.</summary>
internal static class Micros
{
    /// <summary>A day, UTC; instants divided by it are the days since 1970.</summary>
    public const long Day = 86_400_000_000;

    public static long Of(DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * Day;

    public static DateOnly ToDay(long days) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)days);

    public static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long? Of(DateTimeOffset? instant) => instant is { } value ? Of(value) : null;

    public static DateTimeOffset From(long micros) => new((micros * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks,
        TimeSpan.Zero);
}
