namespace DataPlatform.Streaming.Operators;

/// <summary>An aggregate that can also take away. Sliding windows then add what comes in and take away what goes out, however many slices lie between.</summary>
/// <typeparam name="TIn">The records.</typeparam>
/// <typeparam name="TAccumulator">What is kept; it needs a state serialiser.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
/// <remarks>
/// Only for what can be undone exactly: counts and sums of whole numbers or decimals. A sum of floating-point numbers drifts, and a maximum
/// does not know the second highest; those stay <see cref="IAggregateFunction{TIn, TAccumulator, TResult}"/>.
/// </remarks>
public interface IRetractableAggregate<in TIn, TAccumulator, out TResult> : IAggregateFunction<TIn, TAccumulator, TResult>
{
    /// <summary>Takes away what another accumulator holds and what was merged before; afterwards it is as if it had never been.</summary>
    /// <param name="accumulator">Changed in place.</param>
    /// <param name="other">Not changed.</param>
    void Retract(ref TAccumulator accumulator, in TAccumulator other);
}
