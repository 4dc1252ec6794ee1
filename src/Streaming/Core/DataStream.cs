using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Streaming;

/// <summary>Where records of a stream come out of an operator.</summary>
internal readonly record struct StreamTap(StreamNode Node, string? SideTag);

/// <summary>A stream of records of one type.</summary>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>
/// A description: nothing runs before the job is started. Functions given to a stream run in all subtasks at once and must not share state.
/// </remarks>
public sealed class DataStream<T>
{
    private readonly Partitioning<T> _partitioning;

    internal DataStream(StreamJobBuilder job, params IReadOnlyList<StreamTap> taps)
        : this(job, taps, new ForwardPartitioning<T>())
    {
    }

    private DataStream(StreamJobBuilder job, IReadOnlyList<StreamTap> taps, Partitioning<T> partitioning)
    {
        Job = job;
        Taps = taps;
        _partitioning = partitioning;
    }

    internal StreamJobBuilder Job { get; }

    internal IReadOnlyList<StreamTap> Taps { get; }

    /// <summary>One result for each record.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="map">Makes the result.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<TOut> Map<TOut>(Func<T, TOut> map, string name = "map")
    {
        ArgumentNullException.ThrowIfNull(map);
        return Then<TOut>(name, null, () => new MapOperator<T, TOut, DelegateMap<T, TOut>>(new DelegateMap<T, TOut>(map)));
    }

    /// <summary>One result for each record, by a function that is compiled into the loop over a batch when it is a struct.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <typeparam name="TMap">The function; best a struct.</typeparam>
    /// <param name="map">Makes the result.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<TOut> Map<TOut, TMap>(TMap map, string name = "map")
        where TMap : IRecordMap<T, TOut> => Then<TOut>(name, null, () => new MapOperator<T, TOut, TMap>(map));

    /// <summary>The records that a predicate holds for.</summary>
    /// <param name="predicate">True to keep a record.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<T> Filter(Func<T, bool> predicate, string name = "filter")
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Then<T>(name, null, () => new FilterOperator<T, DelegatePredicate<T>>(new DelegatePredicate<T>(predicate)));
    }

    /// <summary>The records that a predicate holds for, by a predicate that is compiled into the loop over a batch when it is a struct.</summary>
    /// <typeparam name="TPredicate">The predicate; best a struct.</typeparam>
    /// <param name="predicate">True to keep a record.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<T> Filter<TPredicate>(TPredicate predicate, string name = "filter")
        where TPredicate : IRecordPredicate<T> => Then<T>(name, null, () => new FilterOperator<T, TPredicate>(predicate));

    /// <summary>Any number of results for each record.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="flatMap">Gives its results to the collector; it must not keep it.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<TOut> FlatMap<TOut>(Action<T, ICollector<TOut>> flatMap, string name = "flat-map")
    {
        ArgumentNullException.ThrowIfNull(flatMap);
        return Then<TOut>(name, null, () => new FlatMapOperator<T, TOut>(flatMap));
    }

    /// <summary>Any number of results for each record, with its times and with side outputs.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="process">Gives its results to the context; it must not keep it.</param>
    /// <param name="name">The operator's name in metrics and errors.</param>
    public DataStream<TOut> Process<TOut>(Action<T, RecordContext<TOut>> process, string name = "process")
    {
        ArgumentNullException.ThrowIfNull(process);
        return Then<TOut>(name, null, () => new ProcessOperator<T, TOut>(new DelegateProcessFunction<T, TOut>(process)));
    }

    /// <summary>Runs a function with state of its subtask: lists that are dealt out or shared, maps that are the same everywhere.</summary>
    /// <typeparam name="TOut">The results.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="create">Makes the function of one subtask.</param>
    public DataStream<TOut> Process<TOut>(string name, string uid, Func<ProcessFunction<T, TOut>> create)
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(create);
        return Then<TOut>(name, uid, () => new ProcessOperator<T, TOut>(create()));
    }

    /// <summary>Brings records of a key together in one subtask, in the order in which each sender sends them.</summary>
    /// <typeparam name="TKey">The key; it needs a state serialiser.</typeparam>
    /// <param name="keySelector">The key of a record, never null, always the same for the same record.</param>
    public KeyedStream<TKey, T> KeyBy<TKey>(Func<T, TKey> keySelector)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(keySelector);
        return new KeyedStream<TKey, T>(this, keySelector, Job.Serializers.Get<TKey>());
    }

    /// <summary>Treats the whole stream as one key, in one subtask: for windows over everything.</summary>
    public KeyedStream<byte, T> AsOneKey() => new(this, static _ => 0, Job.Serializers.Get<byte>());

    /// <summary>Cuts the whole stream into tumbling or sliding windows, in one subtask.</summary>
    /// <param name="windows">How.</param>
    public WindowedStream<byte, T> WindowAll(Windows.SlidingWindows windows) => AsOneKey().Window(windows);

    /// <summary>Cuts the whole stream into sessions, in one subtask.</summary>
    /// <param name="sessions">How.</param>
    public WindowedStream<byte, T> WindowAll(Windows.SessionWindows<T> sessions) => AsOneKey().Window(sessions);

    /// <summary>Cuts the whole stream into runs of so many records, in one subtask.</summary>
    /// <param name="size">How many, at least 1. A run that is not full gives nothing.</param>
    public WindowedStream<byte, T> CountWindowAll(long size) => AsOneKey().CountWindow(size);

    /// <summary>The records of several streams, in no particular order between them.</summary>
    /// <param name="others">The other streams, of the same job.</param>
    public DataStream<T> Union(params IReadOnlyList<DataStream<T>> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return new DataStream<T>(Job, [.. Taps, .. others.SelectMany(static o => o.Taps)], _partitioning);
    }

    /// <summary>Deals records out evenly to the subtasks of the next operator.</summary>
    public DataStream<T> Rebalance() => new(Job, Taps, new RebalancePartitioning<T>());

    /// <summary>Sends every record to every subtask of the next operator.</summary>
    public DataStream<T> Broadcast() => new(Job, Taps, new BroadcastPartitioning<T>());

    /// <summary>
    /// Deals records out evenly to those subtasks of the next operator that lie next, so that not every sender needs a channel to every receiver.
    /// </summary>
    public DataStream<T> Rescale() => new(Job, Taps, new RescalePartitioning<T>());

    /// <summary>Keeps every record in its subtask; both operators must have the same parallelism.</summary>
    public DataStream<T> Forward() => new(Job, Taps, new ForwardPartitioning<T>(isStrict: true));

    /// <summary>Sends each record where a function says.</summary>
    /// <param name="partitioner">From a record and the number of subtasks of the next operator to one of them, from 0.</param>
    public DataStream<T> PartitionBy(Func<T, int, int> partitioner)
    {
        ArgumentNullException.ThrowIfNull(partitioner);
        return new DataStream<T>(Job, Taps, new CustomPartitioning<T>(partitioner));
    }

    /// <summary>Sets how many subtasks the operator of this stream has.</summary>
    /// <param name="parallelism">1 to the job's maximal parallelism.</param>
    public DataStream<T> WithParallelism(int parallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        foreach (var tap in Taps)
        {
            tap.Node.RequestedParallelism = parallelism;
        }

        return this;
    }

    /// <summary>
    /// Puts records aside that the function of this stream's operator throws on, and counts them, instead of ending the job. What the function
    /// had done to state before it threw stays. Cancellation is never put aside.
    /// </summary>
    /// <param name="failed">The side output that gets them; read it with <see cref="SideOutput"/>.</param>
    public DataStream<T> SideOutputFailedRecords(OutputTag<FailedRecord> failed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        foreach (var tap in Taps)
        {
            tap.Node.FailedTag = failed;
        }

        return this;
    }

    /// <summary>A side output of the operator of this stream.</summary>
    /// <typeparam name="TSide">What goes there.</typeparam>
    /// <param name="tag">The tag that the operator was given.</param>
    public DataStream<TSide> SideOutput<TSide>(OutputTag<TSide> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return new DataStream<TSide>(Job, [.. Taps.Select(t => new StreamTap(t.Node, tag.Id))]);
    }

    /// <summary>Ends the stream in a sink.</summary>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="sink">The sink.</param>
    /// <param name="parallelism">How many writers there are, 1 to the job's maximal parallelism; null for the job's parallelism.</param>
    public void SinkTo(string name, string uid, ISink<T> sink, int? parallelism = null)
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(sink);
        Connect(Job.Graph.Add(id => new SinkNode<T>(id, name, uid, sink) { RequestedParallelism = parallelism }), 0, _partitioning);
    }

    internal DataStream<TOut> Then<TOut>(string name, string? uid, Func<StreamOperator> create) => Then<TOut>(name, uid, create, _partitioning);

    internal DataStream<TOut> Then<TOut>(string name, string? uid, Func<StreamOperator> create, Partitioning<T> partitioning)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var node = Job.Graph.Add(id => new OperatorNode(id, name, uid, create));
        Connect(node, 0, partitioning);
        return new DataStream<TOut>(Job, new StreamTap(node, null));
    }

    internal void Connect(StreamNode target, int inputIndex, Partitioning<T> partitioning)
    {
        foreach (var tap in Taps)
        {
            var edge = new StreamEdge<T>(tap.Node, target, inputIndex, tap.SideTag, partitioning);
            tap.Node.Outputs.Add(edge);
            target.Inputs.Add(edge);
        }
    }
}
