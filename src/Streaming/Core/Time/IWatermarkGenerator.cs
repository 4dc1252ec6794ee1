namespace DataPlatform.Streaming.Time;

/// <summary>Derives the watermark of one split from its records.</summary>
/// <typeparam name="T">The records.</typeparam>
public interface IWatermarkGenerator<T>
{
    /// <summary>No record at or below this event time is expected any more; <see cref="long.MinValue"/> while nothing is known.</summary>
    long CurrentWatermarkMs { get; }

    /// <summary>Sees records in the order in which the split delivers them.</summary>
    /// <param name="records">The records; valid during the call only.</param>
    /// <param name="eventTimesMs">Their event times.</param>
    void OnRecords(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs);
}
