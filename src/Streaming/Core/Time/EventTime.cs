namespace DataPlatform.Streaming.Time;

/// <summary>The range of event times: milliseconds since 1970-01-01 UTC, far enough from the ends of the number for window arithmetic.</summary>
public static class EventTime
{
    /// <summary>The earliest event time of a record.</summary>
    public const long MinMs = -(1L << 61);

    /// <summary>The latest event time of a record.</summary>
    public const long MaxMs = 1L << 61;

    internal static void Check(ReadOnlySpan<long> timesMs, string splitId)
    {
        long low = 0;
        long high = 0;
        foreach (var time in timesMs)
        {
            low = Math.Min(low, time);
            high = Math.Max(high, time);
        }

        if (low >= MinMs && high <= MaxMs)
        {
            return;
        }

        var at = 0;
        while (timesMs[at] >= MinMs && timesMs[at] <= MaxMs)
        {
            at++;
        }

        throw new InvalidDataException($"Record {at} of a batch of split '{splitId}' has the event time {timesMs[at]}: it is missing or absurd. Filter such records out, or let the timestamp assigner repair them.");
    }
}
