namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Instants as microseconds since 1970-01-01 UTC.</summary>
internal static class Micros
{
    public static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long? Of(DateTimeOffset? instant) => instant is { } value ? Of(value) : null;

    public static DateTimeOffset From(long micros) => new((micros * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks,
        TimeSpan.Zero);
}
