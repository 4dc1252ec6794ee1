using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming;

/// <summary>Two keyed streams that one operator reads.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TFirst">Records of the first stream.</typeparam>
/// <typeparam name="TSecond">Records of the second stream.</typeparam>
public sealed class ConnectedStreams<TKey, TFirst, TSecond>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, TFirst> _first;
    private readonly KeyedStream<TKey, TSecond> _second;

    internal ConnectedStreams(KeyedStream<TKey, TFirst> first, KeyedStream<TKey, TSecond> second)
    {
        _first = first;
        _second = second;
    }

    /// <summary>Runs a function over both streams, with state and timers for each key. Its time is that of the slower stream.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="create">Makes the function of one subtask.</param>
    public DataStream<TOut> Process<TOut>(string name, string uid, Func<KeyedCoProcessFunction<TKey, TFirst, TSecond, TOut>> create)
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(create);
        var job = _first.Stream.Job;
        var node = job.Graph.Add(id => new OperatorNode(id, name, uid, () => new KeyedCoProcessOperator<TKey, TFirst, TSecond, TOut>(
            create(), _first.KeySelector, _second.KeySelector, _first.KeySerializer)));
        _first.Stream.Connect(node, 0, _first.Partitioning);
        _second.Stream.Connect(node, 1, _second.Partitioning);
        return new DataStream<TOut>(job, new StreamTap(node, null));
    }
}

/// <summary>A keyed stream and one that every subtask sees whole.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">Records of the keyed stream.</typeparam>
/// <typeparam name="TRule">Records of the broadcast stream.</typeparam>
public sealed class BroadcastConnectedStream<TKey, T, TRule>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, T> _stream;
    private readonly DataStream<TRule> _rules;

    internal BroadcastConnectedStream(KeyedStream<TKey, T> stream, DataStream<TRule> rules)
    {
        _stream = stream;
        _rules = rules;
    }

    /// <summary>Runs a function over both streams: state and timers for each key, and a map that all keys read.</summary>
    /// <typeparam name="TRuleKey">Keys of the map; they need a state serialiser.</typeparam>
    /// <typeparam name="TValue">Values of the map; they need a state serialiser.</typeparam>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="create">Makes the function of one subtask.</param>
    public DataStream<TOut> Process<TRuleKey, TValue, TOut>(
        string name, string uid, Func<KeyedBroadcastFunction<TKey, T, TRule, TRuleKey, TValue, TOut>> create)
        where TRuleKey : notnull
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(create);
        var job = _stream.Stream.Job;
        var serializer = new State.MapSerializer<TRuleKey, TValue>(job.Serializers.Get<TRuleKey>(), job.Serializers.Get<TValue>());
        var node = job.Graph.Add(id => new OperatorNode(id, name, uid, () => new KeyedBroadcastOperator<TKey, T, TRule, TRuleKey, TValue, TOut>(
            create(), _stream.KeySelector, _stream.KeySerializer, serializer)));
        _stream.Stream.Connect(node, 0, _stream.Partitioning);
        _rules.Connect(node, 1, new BroadcastPartitioning<TRule>());
        return new DataStream<TOut>(job, new StreamTap(node, null));
    }
}
