using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Operators;

/// <summary>A function over a keyed stream and a broadcast one, which fills a map that is the same in all subtasks.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">Records of the keyed stream.</typeparam>
/// <typeparam name="TRule">Records of the broadcast stream.</typeparam>
/// <typeparam name="TRuleKey">Keys of the map.</typeparam>
/// <typeparam name="TValue">Values of the map.</typeparam>
/// <typeparam name="TOut">The results.</typeparam>
public abstract class KeyedBroadcastFunction<TKey, T, TRule, TRuleKey, TValue, TOut>
    where TKey : notnull
    where TRuleKey : notnull
{
    /// <summary>Declares keyed state; called once, before the first record.</summary>
    /// <param name="states">Where to.</param>
    public virtual void Open(IKeyedStates states)
    {
    }

    /// <summary>Takes a record of the keyed stream.</summary>
    /// <param name="record">The record.</param>
    /// <param name="rules">The map; read only here, for only the broadcast side is the same in all subtasks.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public abstract void Process(T record, IReadOnlyDictionary<TRuleKey, TValue> rules, KeyedContext<TKey, TOut> context);

    /// <summary>Takes a record of the broadcast stream. Must do the same to the map in every subtask.</summary>
    /// <param name="rule">The record.</param>
    /// <param name="rules">The map.</param>
    public abstract void ProcessBroadcast(TRule rule, IDictionary<TRuleKey, TValue> rules);

    /// <summary>A timer of a key has come due.</summary>
    /// <param name="timeMs">The time it was set to.</param>
    /// <param name="domain">The clock it goes by.</param>
    /// <param name="rules">The map.</param>
    /// <param name="context">Its key, the times, the outputs; valid during the call only.</param>
    public virtual void OnTimer(long timeMs, TimeDomain domain, IReadOnlyDictionary<TRuleKey, TValue> rules, KeyedContext<TKey, TOut> context)
    {
    }
}
