using DataPlatform.Streaming.Operators;
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
    private readonly SlidingWindows _windows;
    private readonly long _allowedLatenessMs;
    private readonly OutputTag<T>? _lateTag;

    internal WindowedStream(KeyedStream<TKey, T> stream, SlidingWindows windows, long allowedLatenessMs, OutputTag<T>? lateTag)
    {
        _stream = stream;
        _windows = windows;
        _allowedLatenessMs = allowedLatenessMs;
        _lateTag = lateTag;
    }

    /// <summary>Keeps a window for some time after it has fired; a record that still belongs to it makes it fire again for its key.</summary>
    /// <param name="lateness">How long, in event time; zero or more.</param>
    public WindowedStream<TKey, T> AllowedLateness(TimeSpan lateness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        return new WindowedStream<TKey, T>(_stream, _windows, (long)lateness.TotalMilliseconds, _lateTag);
    }

    /// <summary>Sends records that are late for all their windows to a side output; without it they are only counted.</summary>
    /// <param name="tag">The side output.</param>
    public WindowedStream<TKey, T> SideOutputLateData(OutputTag<T> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return new WindowedStream<TKey, T>(_stream, _windows, _allowedLatenessMs, tag);
    }

    /// <summary>One result for each key and window. Its event time is the window's last millisecond.</summary>
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
        var plan = new SliceWindowPlan<TKey, T, TAccumulator, TResult, TOut>(
            _windows.Grid, _allowedLatenessMs, _lateTag, _stream.KeySelector, aggregate, result, _stream.KeySerializer, _stream.Stream.Job.Serializers.Get<TAccumulator>());
        return _stream.Stream.Then<TOut>(
            name, uid, () => new SliceWindowOperator<TKey, T, TAccumulator, TResult, TOut>(plan), _stream.Partitioning);
    }
}
