namespace DataPlatform.Streaming.Operators;

/// <summary>What a function without keys knows of the record at hand, and its outputs. Valid during the call only.</summary>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class RecordContext<TOut> : ICollector<TOut>
{
    private protected RecordContext()
    {
    }

    /// <summary>The event time of the record; results get it.</summary>
    public abstract long TimestampMs { get; }

    /// <summary>The event time that the operator has reached; <see cref="long.MinValue"/> before the first watermark.</summary>
    public abstract long WatermarkMs { get; }

    /// <summary>Now, by the job's clock.</summary>
    public abstract long ProcessingTimeMs { get; }

    /// <summary>Adds a result.</summary>
    /// <param name="record">The result.</param>
    public abstract void Collect(TOut record);

    /// <summary>Adds a record to a side output.</summary>
    /// <typeparam name="TSide">What goes there.</typeparam>
    /// <param name="tag">The side output.</param>
    /// <param name="record">The record.</param>
    public abstract void Collect<TSide>(OutputTag<TSide> tag, TSide record);
}
