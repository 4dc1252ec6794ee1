using DataPlatform.Kernel;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming;

/// <summary>A keyed stream cut into windows.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">The records.</typeparam>
/// <remarks>Immutable: each method gives a new description.</remarks>
public sealed class WindowedStream<TKey, T>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, T> _stream;
    private readonly WindowAssigner<T> _assigner;

    internal WindowedStream(KeyedStream<TKey, T> stream, WindowAssigner<T> assigner)
    {
        _stream = stream;
        _assigner = assigner;
    }

    private long AllowedLatenessMs { get; init; }

    private OutputTag<T>? LateTag { get; init; }

    private Trigger<T>? ChosenTrigger { get; init; }

    private Evictor<T>? ChosenEvictor { get; init; }

    private StateSerializers Serializers => _stream.Stream.Job.Serializers;

    /// <summary>Keeps a window for some time after it has fired; a record that still belongs to it makes it fire again for its key.</summary>
    /// <param name="lateness">How long, in event time; zero or more.</param>
    public WindowedStream<TKey, T> AllowedLateness(TimeSpan lateness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        return Copy((long)lateness.TotalMilliseconds, LateTag, ChosenTrigger, ChosenEvictor);
    }

    /// <summary>Sends records that are late for all their windows to a side output; without it they are only counted.</summary>
    /// <param name="tag">The side output.</param>
    public WindowedStream<TKey, T> SideOutputLateData(OutputTag<T> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return Copy(AllowedLatenessMs, tag, ChosenTrigger, ChosenEvictor);
    }

    /// <summary>Says when windows fire, instead of at their end.</summary>
    /// <param name="trigger">The trigger.</param>
    public WindowedStream<TKey, T> Trigger(Trigger<T> trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        if (trigger.Slots > OpenWindow<T>.SlotsMax)
        {
            throw new ArgumentException($"A trigger has at most {OpenWindow<T>.SlotsMax} slots; this one has {trigger.Slots}.", nameof(trigger));
        }

        return _assigner.IsMerging && !trigger.CanMerge
            ? throw new ArgumentException("Sessions merge, and this trigger cannot.", nameof(trigger))
            : Copy(AllowedLatenessMs, LateTag, trigger, ChosenEvictor);
    }

    /// <summary>Takes records out of a window before its function sees them. The window then keeps its records, whatever the function.</summary>
    /// <param name="evictor">The evictor.</param>
    public WindowedStream<TKey, T> Evictor(Evictor<T> evictor)
    {
        ArgumentNullException.ThrowIfNull(evictor);
        return Copy(AllowedLatenessMs, LateTag, ChosenTrigger, evictor);
    }

    /// <summary>One result for each firing of a key's window. Its event time is the window's last millisecond.</summary>
    /// <typeparam name="TAccumulator">What is kept for a key and window; it needs a state serialiser.</typeparam>
    /// <typeparam name="TResult">What the aggregate computes.</typeparam>
    /// <typeparam name="TOut">The results of the stream.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="aggregate">Sums up the records.</param>
    /// <param name="result">Puts key, window and aggregate together.</param>
    public DataStream<TOut> Aggregate<TAccumulator, TResult, TOut>(
        string name, string uid, IAggregateFunction<T, TAccumulator, TResult> aggregate, Func<TKey, TimeWindow, TResult, TOut> result)
    {
        StreamJobBuilder.CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(aggregate);
        ArgumentNullException.ThrowIfNull(result);
        if (_assigner is SlidingAssigner<T> { Domain: TimeDomain.EventTime } sliding && ChosenTrigger is null && ChosenEvictor is null)
        {
            var plan = new SliceWindowPlan<TKey, T, TAccumulator, TResult, TOut>(
                sliding.Grid, AllowedLatenessMs, LateTag, _stream.KeySelector, aggregate, result, _stream.KeySerializer, Serializers.Get<TAccumulator>());
            return _stream.Stream.Then<TOut>(name, uid, () => new SliceWindowOperator<TKey, T, TAccumulator, TResult, TOut>(plan), _stream.Partitioning);
        }

        if (_assigner is SessionAssigner<T> { Domain: TimeDomain.EventTime } session && ChosenTrigger is null && ChosenEvictor is null)
        {
            var plan = new SessionWindowPlan<TKey, T, TAccumulator, TResult, TOut>(
                session.Sessions, AllowedLatenessMs, LateTag, _stream.KeySelector, aggregate, result, _stream.KeySerializer, Serializers.Get<TAccumulator>());
            return _stream.Stream.Then<TOut>(name, uid, () => new SessionWindowOperator<TKey, T, TAccumulator, TResult, TOut>(plan), _stream.Partitioning);
        }

        return Aggregate<TAccumulator, TResult, TOut>(name, uid, aggregate, (context, value, output) => output.Collect(result(context.Key, context.Window, value)));
    }

    /// <summary>Any number of results for each firing, from the aggregate and the window's metadata.</summary>
    /// <typeparam name="TAccumulator">What is kept for a key and window; it needs a state serialiser.</typeparam>
    /// <typeparam name="TResult">What the aggregate computes.</typeparam>
    /// <typeparam name="TOut">The results of the stream.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="aggregate">Sums up the records.</param>
    /// <param name="process">Gives its results to the collector.</param>
    public DataStream<TOut> Aggregate<TAccumulator, TResult, TOut>(
        string name, string uid, IAggregateFunction<T, TAccumulator, TResult> aggregate, Action<WindowContext<TKey>, TResult, ICollector<TOut>> process)
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        ArgumentNullException.ThrowIfNull(process);
        return ChosenEvictor is null
            ? Run<TAccumulator, TOut>(
                name,
                uid,
                new AggregateFold<T, TAccumulator, TResult>(aggregate),
                Serializers.Get<TAccumulator>(),
                (in WindowContext<TKey> context, ref TAccumulator accumulator, ICollector<TOut> output) => process(context, aggregate.GetResult(in accumulator), output))
            : Process<TOut>(name, uid, (context, records, output) => process(context, Sum(aggregate, records), output));
    }

    /// <summary>Folds the records of a window into one of their kind.</summary>
    /// <typeparam name="TOut">The results of the stream.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="reduce">Folds two into one; associative. Records need a state serialiser.</param>
    /// <param name="result">Puts key, window and value together.</param>
    public DataStream<TOut> Reduce<TOut>(string name, string uid, Func<T, T, T> reduce, Func<TKey, TimeWindow, T, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(reduce);
        if (!Serializers.Has<Reduced<T>>())
        {
            Serializers.Register(new ReducedSerializer<T>(Serializers.Get<T>()));
        }

        return Aggregate(name, uid, new ReduceAggregate<T>(reduce), result);
    }

    /// <summary>Any number of results for each firing, from all records of the window. Records need a state serialiser.</summary>
    /// <typeparam name="TOut">The results of the stream.</typeparam>
    /// <param name="name">The operator's name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="process">Gets the records in the order in which they came; gives its results to the collector.</param>
    public DataStream<TOut> Process<TOut>(string name, string uid, Action<WindowContext<TKey>, IReadOnlyList<TimedRecord<T>>, ICollector<TOut>> process)
    {
        ArgumentNullException.ThrowIfNull(process);
        var evictor = ChosenEvictor;
        return Run<List<TimedRecord<T>>, TOut>(
            name,
            uid,
            new RecordFold<T>(),
            new ListSerializer<TimedRecord<T>>(TimedRecordSerializer.Of(Serializers.Get<T>())),
            (in WindowContext<TKey> context, ref List<TimedRecord<T>> records, ICollector<TOut> output) =>
            {
                evictor?.Evict(records, context.Window);
                process(context, records, output);
            });
    }

    private static TResult Sum<TAccumulator, TResult>(IAggregateFunction<T, TAccumulator, TResult> aggregate, IReadOnlyList<TimedRecord<T>> records)
    {
        var accumulator = aggregate.CreateAccumulator();
        foreach (var record in records)
        {
            aggregate.Add(ref accumulator, record.Value);
        }

        return aggregate.GetResult(in accumulator);
    }

    private DataStream<TOut> Run<TAccumulator, TOut>(
        string name, string uid, WindowFold<T, TAccumulator> fold, IStateSerializer<TAccumulator> serializer, WindowEmitter<TKey, TAccumulator, TOut> emit)
    {
        StreamJobBuilder.CheckUid(name, uid);
        if (_assigner is GlobalAssigner<T> && ChosenTrigger is null)
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Operator '{name}' has a global window without a trigger: it would never fire.") { OperatorName = name };
        }

        var plan = new WindowPlan<TKey, T, TAccumulator, TOut>(
            _assigner, ChosenTrigger ?? _assigner.DefaultTrigger, AllowedLatenessMs, LateTag, _stream.KeySelector, fold, emit, _stream.KeySerializer, serializer);
        return _stream.Stream.Then<TOut>(name, uid, () => new WindowOperator<TKey, T, TAccumulator, TOut>(plan), _stream.Partitioning);
    }

    private WindowedStream<TKey, T> Copy(long allowedLatenessMs, OutputTag<T>? lateTag, Trigger<T>? trigger, Evictor<T>? evictor)
        => new(_stream, _assigner) { AllowedLatenessMs = allowedLatenessMs, LateTag = lateTag, ChosenTrigger = trigger, ChosenEvictor = evictor };
}
