using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.State;

internal sealed class ValueState<TKey, T>(StateCell<TKey, T> cell) : IValueState<T>
    where TKey : notnull
{
    public bool TryGet(out T value) => cell.TryGet(out value);

    public void Update(T value) => cell.ForWrite(out _).Value = value;

    public void Clear() => cell.Clear();
}

internal sealed class ReducingState<TKey, T>(StateCell<TKey, T> cell, Func<T, T, T> reduce) : IReducingState<T>
    where TKey : notnull
{
    public bool TryGet(out T value) => cell.TryGet(out value);

    public void Add(T value)
    {
        ref var place = ref cell.ForWrite(out var exists);
        place.Value = exists ? reduce(place.Value, value) : value;
    }

    public void Clear() => cell.Clear();
}

internal sealed class AggregatingState<TKey, TIn, TAccumulator, TResult>(
    StateCell<TKey, TAccumulator> cell, IAggregateFunction<TIn, TAccumulator, TResult> aggregate) : IAggregatingState<TIn, TResult>
    where TKey : notnull
{
    public bool TryGet(out TResult result)
    {
        var exists = cell.TryGet(out var accumulator);
        result = exists ? aggregate.GetResult(in accumulator) : default!;
        return exists;
    }

    public void Add(TIn value)
    {
        ref var place = ref cell.ForWrite(out var exists);
        var accumulator = exists ? place.Value : aggregate.CreateAccumulator();
        aggregate.Add(ref accumulator, value);
        place.Value = accumulator;
    }

    public void Clear() => cell.Clear();
}
