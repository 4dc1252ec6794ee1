using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Operators;

/// <summary>A function with state and timers for each key. Each subtask has an instance of its own.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TIn">The records.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class KeyedProcessFunction<TKey, TIn, TOut>
    where TKey : notnull
{
    /// <summary>Declares state; called once, before the first record.</summary>
    /// <param name="states">Where to.</param>
    public virtual void Open(IKeyedStates states)
    {
    }

    /// <summary>Takes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public abstract void Process(TIn record, KeyedContext<TKey, TOut> context);

    /// <summary>A timer of the key has come due.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    /// <param name="domain">The clock it goes by.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public virtual void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context)
    {
    }
}

/// <summary>A function over two streams that share their keys, and its state and timers.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TFirst">Records of the first stream.</typeparam>
/// <typeparam name="TSecond">Records of the second stream.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class KeyedCoProcessFunction<TKey, TFirst, TSecond, TOut>
    where TKey : notnull
{
    /// <summary>Declares state; called once, before the first record.</summary>
    /// <param name="states">Where to.</param>
    public virtual void Open(IKeyedStates states)
    {
    }

    /// <summary>Takes a record of the first stream.</summary>
    /// <param name="record">The record.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public abstract void ProcessFirst(TFirst record, KeyedContext<TKey, TOut> context);

    /// <summary>Takes a record of the second stream.</summary>
    /// <param name="record">The record.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public abstract void ProcessSecond(TSecond record, KeyedContext<TKey, TOut> context);

    /// <summary>A timer of the key has come due.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    /// <param name="domain">The clock it goes by.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public virtual void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context)
    {
    }
}
