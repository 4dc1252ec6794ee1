namespace DataPlatform.Streaming.Windows;

/// <summary>The window that is firing.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Window">The window; its start and end.</param>
/// <param name="WatermarkMs">The event time reached.</param>
/// <param name="ProcessingTimeMs">Now, by the job's clock.</param>
public readonly record struct WindowContext<TKey>(TKey Key, TimeWindow Window, long WatermarkMs, long ProcessingTimeMs);

/// <summary>Gives out a firing window; may change what the window keeps, as an evictor does.</summary>
internal delegate void WindowEmitter<TKey, TAccumulator, TOut>(in WindowContext<TKey> context, ref TAccumulator accumulator, Operators.ICollector<TOut> output);

/// <summary>What a window operator with triggers needs to know.</summary>
internal sealed record WindowPlan<TKey, TIn, TAccumulator, TOut>(
    WindowAssigner<TIn> Assigner,
    Trigger<TIn> Trigger,
    long AllowedLatenessMs,
    OutputTag<TIn>? LateTag,
    Func<TIn, TKey> KeySelector,
    WindowFold<TIn, TAccumulator> Fold,
    WindowEmitter<TKey, TAccumulator, TOut> Emit,
    State.IStateSerializer<TKey> KeySerializer,
    State.IStateSerializer<TAccumulator> AccumulatorSerializer)
    where TKey : notnull;

/// <summary>How records become what a window keeps.</summary>
internal abstract class WindowFold<TIn, TAccumulator>
{
    public abstract TAccumulator Create();

    public abstract void Add(ref TAccumulator accumulator, TIn record, long timeMs);

    public abstract void Merge(ref TAccumulator accumulator, in TAccumulator other);
}

/// <summary>Keeps an aggregate's accumulator.</summary>
internal sealed class AggregateFold<TIn, TAccumulator, TResult>(Operators.IAggregateFunction<TIn, TAccumulator, TResult> aggregate) : WindowFold<TIn, TAccumulator>
{
    public override TAccumulator Create() => aggregate.CreateAccumulator();

    public override void Add(ref TAccumulator accumulator, TIn record, long timeMs) => aggregate.Add(ref accumulator, record);

    public override void Merge(ref TAccumulator accumulator, in TAccumulator other) => aggregate.Merge(ref accumulator, in other);
}

/// <summary>Keeps the records themselves.</summary>
internal sealed class RecordFold<TIn> : WindowFold<TIn, List<TimedRecord<TIn>>>
{
    public override List<TimedRecord<TIn>> Create() => [];

    public override void Add(ref List<TimedRecord<TIn>> accumulator, TIn record, long timeMs) => accumulator.Add(new TimedRecord<TIn>(record, timeMs));

    public override void Merge(ref List<TimedRecord<TIn>> accumulator, in List<TimedRecord<TIn>> other) => accumulator.AddRange(other);
}
