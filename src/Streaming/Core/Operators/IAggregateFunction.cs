namespace DataPlatform.Streaming.Operators;

/// <summary>Sums up records one by one, so that a window keeps one accumulator per key and no records.</summary>
/// <typeparam name="TIn">The records.</typeparam>
/// <typeparam name="TAccumulator">What is kept; it needs a state serialiser.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
/// <remarks>One instance serves all keys and subtasks: it must hold no state of its own.</remarks>
public interface IAggregateFunction<in TIn, TAccumulator, out TResult>
{
    /// <summary>An accumulator of no records.</summary>
    TAccumulator CreateAccumulator();

    /// <summary>Adds a record.</summary>
    /// <param name="accumulator">Changed in place.</param>
    /// <param name="record">The record.</param>
    void Add(ref TAccumulator accumulator, TIn record);

    /// <summary>Adds what another accumulator holds; the other stays as it is. Sliding and session windows combine accumulators this way.</summary>
    /// <param name="accumulator">Changed in place.</param>
    /// <param name="other">Not changed.</param>
    void Merge(ref TAccumulator accumulator, in TAccumulator other);

    /// <summary>The result so far; may be asked for more than once.</summary>
    /// <param name="accumulator">Not changed.</param>
    TResult GetResult(in TAccumulator accumulator);
}
