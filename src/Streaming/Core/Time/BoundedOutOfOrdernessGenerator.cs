namespace DataPlatform.Streaming.Time;

/// <summary>The highest event time so far, less the bound, less one: a record of exactly the bound's age is in time.</summary>
internal sealed class BoundedOutOfOrdernessGenerator<T>(long boundMs) : IWatermarkGenerator<T>
{
    // The lowest start from which the subtraction below cannot wrap round.
    private long _maxMs = long.MinValue + boundMs + 1;

    public long CurrentWatermarkMs => _maxMs - boundMs - 1;

    public void OnRecords(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        if (!eventTimesMs.IsEmpty)
        {
            _maxMs = Math.Max(_maxMs, EventTime.Range(eventTimesMs).HighMs);
        }
    }
}

/// <summary>The highest watermark that a record has carried.</summary>
internal sealed class PunctuatedGenerator<T>(Func<T, long, long?> watermarkMs) : IWatermarkGenerator<T>
{
    public long CurrentWatermarkMs { get; private set; } = long.MinValue;

    public void OnRecords(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
    {
        for (var i = 0; i < records.Length; i++)
        {
            if (watermarkMs(records[i], eventTimesMs[i]) is { } announced && announced > CurrentWatermarkMs)
            {
                CurrentWatermarkMs = announced;
            }
        }
    }
}
