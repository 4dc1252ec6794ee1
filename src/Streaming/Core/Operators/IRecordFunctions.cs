namespace DataPlatform.Streaming.Operators;

/// <summary>Says which records to keep. Implement it as a struct: the loop over a batch is then compiled for it, without a call per record.</summary>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>Subtasks run copies of one value at once, so it must not change.</remarks>
public interface IRecordPredicate<T>
{
    /// <summary>Looks at one record.</summary>
    /// <param name="record">The record; valid during the call only.</param>
    /// <returns>True to keep it.</returns>
    bool Keep(in T record);
}

/// <summary>Makes one result of each record. Implement it as a struct: the loop over a batch is then compiled for it, without a call per record.</summary>
/// <typeparam name="TIn">The records.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
/// <remarks>Subtasks run copies of one value at once, so it must not change.</remarks>
public interface IRecordMap<TIn, TOut>
{
    /// <summary>Makes the result of one record.</summary>
    /// <param name="record">The record; valid during the call only.</param>
    /// <param name="result">The result, written straight to its place in the batch.</param>
    void Map(in TIn record, out TOut result);
}

/// <summary>A lambda as a predicate.</summary>
internal readonly struct DelegatePredicate<T>(Func<T, bool> predicate) : IRecordPredicate<T>
{
    public bool Keep(in T record) => predicate(record);
}

/// <summary>A lambda as a map.</summary>
internal readonly struct DelegateMap<TIn, TOut>(Func<TIn, TOut> map) : IRecordMap<TIn, TOut>
{
    public void Map(in TIn record, out TOut result) => result = map(record);
}
