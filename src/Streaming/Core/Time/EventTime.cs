using System.Numerics;

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
        var (low, high) = Range(timesMs);
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

    /// <summary>The lowest and the highest of some times; zero both where there are none.</summary>
    internal static (long LowMs, long HighMs) Range(ReadOnlySpan<long> timesMs)
    {
        if (timesMs.IsEmpty)
        {
            return (0, 0);
        }

        var (low, high) = (timesMs[0], timesMs[0]);
        var at = 0;
        if (timesMs.Length >= 2 * Vector<long>.Count)
        {
            var (lows, highs) = (new Vector<long>(timesMs), new Vector<long>(timesMs));
            for (at = Vector<long>.Count; at <= timesMs.Length - Vector<long>.Count; at += Vector<long>.Count)
            {
                var next = new Vector<long>(timesMs[at..]);
                lows = Vector.Min(lows, next);
                highs = Vector.Max(highs, next);
            }

            for (var lane = 0; lane < Vector<long>.Count; lane++)
            {
                (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
            }
        }

        for (; at < timesMs.Length; at++)
        {
            (low, high) = (Math.Min(low, timesMs[at]), Math.Max(high, timesMs[at]));
        }

        return (low, high);
    }
}
