namespace DataPlatform.Streaming.Windows;

/// <summary>A span of event or processing time: the start belongs to it, the end does not.</summary>
/// <param name="StartMs">The first millisecond, since 1970-01-01 UTC.</param>
/// <param name="EndMs">The first millisecond after it.</param>
public readonly record struct TimeWindow(long StartMs, long EndMs)
{
    /// <summary>The last millisecond of the window: the event time of its results, and the watermark at which it fires.</summary>
    public long MaxTimestampMs => EndMs - 1;

    /// <summary>Whether two windows overlap or touch, and so are one session.</summary>
    /// <param name="other">The other window.</param>
    public bool Touches(TimeWindow other) => StartMs <= other.EndMs && other.StartMs <= EndMs;

    /// <summary>The smallest window around both.</summary>
    /// <param name="other">The other window.</param>
    public TimeWindow Cover(TimeWindow other) => new(Math.Min(StartMs, other.StartMs), Math.Max(EndMs, other.EndMs));

    /// <inheritdoc/>
    public override string ToString() => $"[{StartMs}, {EndMs})";

    internal void Write(State.StateWriter writer)
    {
        writer.WriteInt64(StartMs);
        writer.WriteInt64(EndMs);
    }
}
