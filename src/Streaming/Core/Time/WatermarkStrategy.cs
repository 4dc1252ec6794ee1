namespace DataPlatform.Streaming.Time;

/// <summary>Says how a source's records get their event time and how time advances in each of its splits.</summary>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>Immutable.</remarks>
public sealed class WatermarkStrategy<T>
{
    internal WatermarkStrategy(Func<IWatermarkGenerator<T>> createGenerator, Func<T, long>? timestampMs)
    {
        CreateGenerator = createGenerator;
        TimestampMs = timestampMs;
    }

    private WatermarkStrategy(WatermarkStrategy<T> other)
        : this(other.CreateGenerator, other.TimestampMs)
    {
        Idleness = other.Idleness;
        LatenessBySplit = other.LatenessBySplit;
        Alignment = other.Alignment;
    }

    /// <summary>Makes the generator of one split.</summary>
    internal Func<IWatermarkGenerator<T>> CreateGenerator { get; }

    /// <summary>The event time of a record; null keeps what the source says.</summary>
    internal Func<T, long>? TimestampMs { get; private init; }

    /// <summary>How long a split may be silent before it stops holding time back; null for ever.</summary>
    internal TimeSpan? Idleness { get; private init; }

    /// <summary>Whether records carry the watermark of their split.</summary>
    internal bool LatenessBySplit { get; private init; }

    /// <summary>Which sources this one must not run away from; null for none.</summary>
    internal WatermarkAlignment? Alignment { get; private init; }

    /// <summary>Lets a split that has been silent for some time stop holding back the others. Subtasks without splits are idle in any case.</summary>
    /// <param name="timeout">How long, by the job's clock; more than zero.</param>
    public WatermarkStrategy<T> WithIdleness(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        return new WatermarkStrategy<T>(this) { Idleness = timeout };
    }

    /// <summary>Takes the event time from the record.</summary>
    /// <param name="timestampMs">The event time, milliseconds since 1970-01-01 UTC.</param>
    public WatermarkStrategy<T> WithTimestamps(Func<T, long> timestampMs)
    {
        ArgumentNullException.ThrowIfNull(timestampMs);
        return new WatermarkStrategy<T>(this) { TimestampMs = timestampMs };
    }

    /// <summary>
    /// Judges each record by the watermark of its own split just before it, instead of the combined watermark at the moment of processing.
    /// What is late, and so every window, is then a function of the order of records in each split alone: the same whatever the parallelism,
    /// the interleaving of subtasks, and the number of restarts. Idleness is the exception, for a clock decides it.
    /// </summary>
    public WatermarkStrategy<T> WithLatenessBySplit() => new(this) { LatenessBySplit = true };

    /// <summary>
    /// Holds the source's splits back that are further ahead, in event time, than a drift from the slowest source of a group, so that windows and
    /// joins behind them do not have to keep what is ahead. A source whose reader cannot pause single splits is held back as a whole.
    /// </summary>
    /// <param name="group">The group; sources of one job that name the same group are aligned.</param>
    /// <param name="maxDrift">How far ahead a split may be; more than zero.</param>
    public WatermarkStrategy<T> WithAlignment(string group, TimeSpan maxDrift)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxDrift, TimeSpan.Zero);
        return new WatermarkStrategy<T>(this) { Alignment = new WatermarkAlignment(group, (long)maxDrift.TotalMilliseconds) };
    }
}

/// <summary>The usual strategies.</summary>
public static class WatermarkStrategy
{
    /// <summary>Records may come later than records of a higher event time, but not by more than a bound; what is later still is late.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="bound">The bound, zero or more.</param>
    /// <param name="timestampMs">The event time of a record; null keeps what the source says.</param>
    public static WatermarkStrategy<T> BoundedOutOfOrderness<T>(TimeSpan bound, Func<T, long>? timestampMs = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, TimeSpan.Zero);
        var boundMs = (long)bound.TotalMilliseconds;
        return new WatermarkStrategy<T>(() => new BoundedOutOfOrdernessGenerator<T>(boundMs), timestampMs);
    }

    /// <summary>Each split delivers its records in the order of event time.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="timestampMs">The event time of a record; null keeps what the source says.</param>
    public static WatermarkStrategy<T> Monotonous<T>(Func<T, long>? timestampMs = null) => BoundedOutOfOrderness(TimeSpan.Zero, timestampMs);

    /// <summary>Some records announce how far event time has come.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="watermarkMs">The watermark that a record (with its event time) carries, or null.</param>
    /// <param name="timestampMs">The event time of a record; null keeps what the source says.</param>
    public static WatermarkStrategy<T> Punctuated<T>(Func<T, long, long?> watermarkMs, Func<T, long>? timestampMs = null)
    {
        ArgumentNullException.ThrowIfNull(watermarkMs);
        return new WatermarkStrategy<T>(() => new PunctuatedGenerator<T>(watermarkMs), timestampMs);
    }

    /// <summary>A generator of one's own.</summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="createGenerator">Makes the generator of one split.</param>
    /// <param name="timestampMs">The event time of a record; null keeps what the source says.</param>
    public static WatermarkStrategy<T> Custom<T>(Func<IWatermarkGenerator<T>> createGenerator, Func<T, long>? timestampMs = null)
    {
        ArgumentNullException.ThrowIfNull(createGenerator);
        return new WatermarkStrategy<T>(createGenerator, timestampMs);
    }

    /// <summary>Event time does not advance before the end of the input: for jobs that work on processing time, or on each record alone.</summary>
    /// <typeparam name="T">The records.</typeparam>
    public static WatermarkStrategy<T> None<T>() => new(static () => new SilentGenerator<T>(), null);

    private sealed class SilentGenerator<T> : IWatermarkGenerator<T>
    {
        public long CurrentWatermarkMs => long.MinValue;

        public void OnRecords(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs)
        {
        }
    }
}
