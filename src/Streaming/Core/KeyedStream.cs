using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming;

/// <summary>A stream whose records are brought together by key.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The records.</typeparam>
public sealed class KeyedStream<TKey, T>
    where TKey : notnull
{
    internal KeyedStream(DataStream<T> stream, Func<T, TKey> keySelector, IStateSerializer<TKey> keySerializer)
    {
        Stream = stream;
        KeySelector = keySelector;
        KeySerializer = keySerializer;
    }

    internal DataStream<T> Stream { get; }

    internal Func<T, TKey> KeySelector { get; }

    internal IStateSerializer<TKey> KeySerializer { get; }

    internal Partitioning<T> Partitioning => new KeyPartitioning<T, TKey>(KeySelector, KeySerializer);

    /// <summary>Cuts the stream of each key into tumbling or sliding windows.</summary>
    /// <param name="windows">How.</param>
    public WindowedStream<TKey, T> Window(SlidingWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new WindowedStream<TKey, T>(this, new SlidingAssigner<T>(windows));
    }

    /// <summary>Cuts the stream of each key into sessions.</summary>
    /// <param name="sessions">How.</param>
    public WindowedStream<TKey, T> Window(SessionWindows<T> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        return new WindowedStream<TKey, T>(this, new SessionAssigner<T>(sessions));
    }

    /// <summary>Puts the stream of each key into one window that fires by its trigger.</summary>
    /// <param name="windows">The global windows.</param>
    public WindowedStream<TKey, T> Window(GlobalWindows windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return new WindowedStream<TKey, T>(this, new GlobalAssigner<T>());
    }

    /// <summary>Cuts the stream of each key into runs of so many records.</summary>
    /// <param name="size">How many, at least 1. A run that is not full gives nothing.</param>
    public WindowedStream<TKey, T> CountWindow(long size) => Window(GlobalWindows.Instance).Trigger(Triggers.Purging(Triggers.Count<T>(size)));

    /// <summary>After every so many records of a key, a window over its last ones.</summary>
    /// <param name="size">How many records a window holds at most, at least 1.</param>
    /// <param name="slide">How many records there are between two windows, at least 1.</param>
    public WindowedStream<TKey, T> CountWindow(int size, long slide)
        => Window(GlobalWindows.Instance).Trigger(Triggers.Count<T>(slide)).Evictor(Evictors.Count<T>(size));

    /// <summary>Runs a function with state and timers for each key.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="create">Makes the function of one subtask.</param>
    public DataStream<TOut> Process<TOut>(string name, string uid, Func<KeyedProcessFunction<TKey, T, TOut>> create)
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(create);
        return Stream.Then<TOut>(name, uid, () => new KeyedProcessOperator<TKey, T, TOut>(create(), KeySelector, KeySerializer), Partitioning);
    }

    /// <summary>A running fold of the records of each key: one result for each record.</summary>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="reduce">Folds a record into the value so far.</param>
    public DataStream<T> Reduce(string name, string uid, Func<T, T, T> reduce)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        _ = Stream.Job.Serializers.Get<T>();
        return Process<T>(name, uid, () => new ReduceFunction<TKey, T>(reduce));
    }

    /// <summary>Brings two streams together whose keys are of one kind.</summary>
    /// <typeparam name="TOther">Records of the other stream.</typeparam>
    /// <param name="other">The other stream.</param>
    public ConnectedStreams<TKey, T, TOther> Connect<TOther>(KeyedStream<TKey, TOther> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new ConnectedStreams<TKey, T, TOther>(this, other);
    }

    /// <summary>Brings a stream together with one that every subtask sees whole, for example of rules.</summary>
    /// <typeparam name="TRule">Records of the other stream.</typeparam>
    /// <param name="rules">The other stream.</param>
    public BroadcastConnectedStream<TKey, T, TRule> ConnectBroadcast<TRule>(DataStream<TRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new BroadcastConnectedStream<TKey, T, TRule>(this, rules);
    }
}

/// <summary>Keeps the running value and gives it out.</summary>
internal sealed class ReduceFunction<TKey, T>(Func<T, T, T> reduce) : KeyedProcessFunction<TKey, T, T>
    where TKey : notnull
{
    private IReducingState<T> _value = null!;

    public override void Open(IKeyedStates states) => _value = states.Reducing("value", reduce);

    public override void Process(T record, KeyedContext<TKey, T> context)
    {
        _value.Add(record);
        _value.TryGet(out var value);
        context.Collect(value);
    }
}
