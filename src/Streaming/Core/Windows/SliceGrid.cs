namespace DataPlatform.Streaming.Windows;

/// <summary>
/// The arithmetic of tumbling and sliding windows, without state. Windows begin at <c>offset + n * slide</c>. A slice is the span of time in
/// which all records belong to the same windows, so each record is aggregated once however many windows it falls into.
/// </summary>
internal readonly record struct SliceGrid
{
    public SliceGrid(long sizeMs, long slideMs, long offsetMs)
    {
        SizeMs = sizeMs;
        SlideMs = slideMs;
        OffsetMs = offsetMs;
        SliceMs = Gcd(sizeMs, slideMs);
    }

    public long SizeMs { get; }

    public long SlideMs { get; }

    public long OffsetMs { get; }

    public long SliceMs { get; }

    /// <summary>The start of the slice that holds an event time.</summary>
    public long SliceStart(long timeMs) => Floor(timeMs, SliceMs, OffsetMs);

    /// <summary>The start of the last window that holds an event time.</summary>
    public long LastWindowStart(long timeMs) => Floor(timeMs, SlideMs, OffsetMs);

    /// <summary>The start of the first window that holds an event time.</summary>
    public long FirstWindowStart(long timeMs) => LastWindowStart(timeMs) - ((SizeMs - 1 - (timeMs - LastWindowStart(timeMs))) / SlideMs * SlideMs);

    /// <summary>Whether an event time lies in any window: with a slide above the size there are gaps.</summary>
    public bool IsInWindow(long timeMs) => timeMs - LastWindowStart(timeMs) < SizeMs;

    /// <summary>The last millisecond of a window; the end of time where the addition would go beyond.</summary>
    public long MaxTimestamp(long windowStartMs) => windowStartMs > long.MaxValue - SizeMs ? long.MaxValue : windowStartMs + SizeMs - 1;

    private static long Floor(long timeMs, long stepMs, long offsetMs)
    {
        // The remainder's sign follows the dividend, so that times before the offset need the correction.
        var remainder = (timeMs - offsetMs) % stepMs;
        return remainder < 0 ? timeMs - remainder - stepMs : timeMs - remainder;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}

/// <summary>When a window is over and when a record comes too late for it.</summary>
internal static class Lateness
{
    /// <summary>The watermark at which a window is forgotten; the end of time where the addition would go beyond.</summary>
    public static long CleanupTime(long maxTimestampMs, long allowedLatenessMs)
        => maxTimestampMs > long.MaxValue - allowedLatenessMs ? long.MaxValue : maxTimestampMs + allowedLatenessMs;

    /// <summary>Whether a window is forgotten already: late means at or below the watermark.</summary>
    public static bool IsLate(long maxTimestampMs, long allowedLatenessMs, long watermarkMs)
        => CleanupTime(maxTimestampMs, allowedLatenessMs) <= watermarkMs;
}
