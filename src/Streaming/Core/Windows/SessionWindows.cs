using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Windows;

/// <summary>Windows of activity: records of a key whose windows overlap or touch are one session.</summary>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>Immutable. A record's own window goes from its time to the gap after it.</remarks>
public sealed class SessionWindows<T>
{
    internal SessionWindows(Func<T, long> gapMs, TimeDomain domain)
    {
        GapMs = gapMs;
        Domain = domain;
    }

    internal Func<T, long> GapMs { get; }

    internal TimeDomain Domain { get; }
}

/// <summary>Makes sessions.</summary>
public static class SessionWindows
{
    /// <summary>Sessions over event time with one gap for all.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="gap">The silence that ends a session, at least one millisecond.</param>
    public static SessionWindows<T> OfEventTime<T>(TimeSpan gap) => new(Fixed<T>(gap), TimeDomain.EventTime);

    /// <summary>Sessions over event time whose gap each record sets.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="gap">The silence after a record that ends its session, at least one millisecond.</param>
    public static SessionWindows<T> OfEventTime<T>(Func<T, TimeSpan> gap) => new(Dynamic(gap), TimeDomain.EventTime);

    /// <summary>Sessions over the job's clock with one gap for all.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="gap">The silence that ends a session, at least one millisecond.</param>
    public static SessionWindows<T> OfProcessingTime<T>(TimeSpan gap) => new(Fixed<T>(gap), TimeDomain.ProcessingTime);

    private static Func<T, long> Fixed<T>(TimeSpan gap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gap, TimeSpan.FromMilliseconds(1));
        var gapMs = (long)gap.TotalMilliseconds;
        return _ => gapMs;
    }

    private static Func<T, long> Dynamic<T>(Func<T, TimeSpan> gap)
    {
        ArgumentNullException.ThrowIfNull(gap);
        return record => gap(record) is var value && value >= TimeSpan.FromMilliseconds(1)
            ? (long)value.TotalMilliseconds
            : throw new ArgumentOutOfRangeException(nameof(gap), value, "The gap of a session is at least one millisecond.");
    }
}

/// <summary>One window for all time of a key: it gives out what its trigger says, when it says so.</summary>
public sealed class GlobalWindows
{
    private GlobalWindows()
    {
    }

    /// <summary>The only instance.</summary>
    public static GlobalWindows Instance { get; } = new();

    internal static TimeWindow Window => new(long.MinValue, long.MaxValue);
}
