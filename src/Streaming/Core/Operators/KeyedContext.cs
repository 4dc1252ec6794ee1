namespace DataPlatform.Streaming.Operators;

/// <summary>What a keyed function knows of the record or timer at hand, and what it may do.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class KeyedContext<TKey, TOut> : ICollector<TOut>
{
    private protected KeyedContext()
    {
    }

    /// <summary>The key at hand.</summary>
    public abstract TKey Key { get; }

    /// <summary>The event time of the record, or the time of the timer; results get it.</summary>
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

    /// <summary>Sets a timer of the key for an event time; setting the same twice sets one.</summary>
    /// <param name="timeMs">Fires when the watermark reaches it, before the watermark is passed on.</param>
    public abstract void RegisterEventTimer(long timeMs);

    /// <summary>Sets a timer of the key for a time of the job's clock; setting the same twice sets one.</summary>
    /// <param name="timeMs">Fires at or after it.</param>
    public abstract void RegisterProcessingTimer(long timeMs);

    /// <summary>Takes an event-time timer of the key back.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    public abstract void DeleteEventTimer(long timeMs);

    /// <summary>Takes a processing-time timer of the key back.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    public abstract void DeleteProcessingTimer(long timeMs);
}
