namespace DataPlatform.Streaming.Testing;

/// <summary>
/// Runs a piece of a job with two inputs step by step in a test: connected streams, a broadcast one beside a keyed one, unions. As
/// <see cref="StreamHarness{TIn, TOut}"/>, with records pushed to either input; watermarks go to both.
/// </summary>
/// <typeparam name="TFirst">What goes into the first input.</typeparam>
/// <typeparam name="TSecond">What goes into the second input.</typeparam>
/// <typeparam name="TOut">What comes out.</typeparam>
public sealed class TwoInputStreamHarness<TFirst, TSecond, TOut>
{
    private readonly StreamHarness<Pushed, TOut> _inner;

    /// <summary>Describes a harness; it begins at the first call that needs it.</summary>
    /// <param name="pipeline">Makes the stream under test from the streams of what is pushed.</param>
    /// <param name="configure">Changes settings, for example the parallelism or the serialisers.</param>
    public TwoInputStreamHarness(Func<StreamJobBuilder, DataStream<TFirst>, DataStream<TSecond>, DataStream<TOut>> pipeline, Action<StreamJobOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        _inner = new StreamHarness<Pushed, TOut>(
            (job, input) => pipeline(
                job,
                input.Filter(static p => p.IsFirst, "first-input").Map(static p => p.First, "first"),
                input.Filter(static p => !p.IsFirst, "second-input").Map(static p => p.Second, "second")),
            configure);
    }

    /// <summary>The clock; move it with <see cref="AdvanceClock"/>.</summary>
    public ManualClock Clock => _inner.Clock;

    /// <summary>What has come out since the last <see cref="TakeResults"/>, with event times.</summary>
    public IReadOnlyList<TimedResult<TOut>> Results => _inner.Results;

    /// <summary>The job that runs the piece.</summary>
    public StreamJobExecution Execution => _inner.Execution;

    /// <summary>Collects a side output; call it before anything is pushed.</summary>
    /// <typeparam name="TSide">What goes there.</typeparam>
    /// <param name="tag">The side output.</param>
    /// <returns>Grows as records arrive.</returns>
    public IReadOnlyList<TimedResult<TSide>> Collect<TSide>(OutputTag<TSide> tag) => _inner.Collect(tag);

    /// <summary>Pushes a record into the first input.</summary>
    /// <param name="record">The record.</param>
    /// <param name="eventTimeMs">Its event time.</param>
    public void PushFirst(TFirst record, long eventTimeMs) => _inner.Push(new Pushed(true, record, default!), eventTimeMs);

    /// <summary>Pushes a record into the second input.</summary>
    /// <param name="record">The record.</param>
    /// <param name="eventTimeMs">Its event time.</param>
    public void PushSecond(TSecond record, long eventTimeMs) => _inner.Push(new Pushed(false, default!, record), eventTimeMs);

    /// <summary>Lets event time of both inputs come to a moment.</summary>
    /// <param name="timeMs">The watermark.</param>
    public void Watermark(long timeMs) => _inner.Watermark(timeMs);

    /// <summary>Lets time pass by the clock.</summary>
    /// <param name="by">How much.</param>
    public void AdvanceClock(TimeSpan by) => _inner.AdvanceClock(by);

    /// <summary>Ends both inputs: event time comes to its end and the job finishes.</summary>
    public void Complete() => _inner.Complete();

    /// <summary>Takes a checkpoint.</summary>
    /// <returns>Its id.</returns>
    public long Checkpoint() => _inner.Checkpoint();

    /// <summary>Takes a savepoint.</summary>
    /// <param name="name">Its name, not taken yet.</param>
    /// <returns>The id of the checkpoint that it is.</returns>
    public long Savepoint(string name) => _inner.Savepoint(name);

    /// <summary>Forgets what is running and begins again, as after a crash.</summary>
    /// <param name="start">Where from; the last checkpoint when null.</param>
    public void Restart(StreamJobStart? start = null) => _inner.Restart(start);

    /// <summary>What has come out since the last call.</summary>
    public IReadOnlyList<TimedResult<TOut>> TakeResults() => _inner.TakeResults();

    private readonly record struct Pushed(bool IsFirst, TFirst First, TSecond Second);
}
