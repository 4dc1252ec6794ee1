using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Sources;

/// <summary>A split and the watermark it had reached when the checkpoint was taken.</summary>
internal readonly record struct AssignedSplit(SourceSplit Split, long WatermarkMs);

/// <summary>How far event time has come in one split. After a restore it goes on from where it was.</summary>
internal sealed class SplitTime<T>(string id, int index, IWatermarkGenerator<T> generator, long restoredMs, long lastRecordMs)
{
    public string Id => id;

    /// <summary>The split's place in the valve.</summary>
    public int Index => index;

    public long WatermarkMs { get; private set; } = restoredMs;

    /// <summary>
    /// When the last records came, by the job's clock, less the time in which none could come because the split was held back.
    /// </summary>
    public long LastRecordMs { get; set; } = lastRecordMs;

    /// <summary>Whether the split is held back because it is ahead of others.</summary>
    public bool IsPaused { get; set; }

    public void Advance(ReadOnlySpan<T> records, ReadOnlySpan<long> timesMs)
    {
        generator.OnRecords(records, timesMs);
        WatermarkMs = Math.Max(WatermarkMs, generator.CurrentWatermarkMs);
    }
}
