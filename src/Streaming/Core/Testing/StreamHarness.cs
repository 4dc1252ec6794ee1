using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Testing;

/// <summary>
/// Runs a piece of a job step by step in a test: push records and watermarks, move the clock, look at what came out, take a checkpoint,
/// restart from it. Everything happens on the calling thread before a call returns.
/// </summary>
/// <typeparam name="TIn">What goes in.</typeparam>
/// <typeparam name="TOut">What comes out.</typeparam>
#pragma warning disable CA1001 // The source holds nothing; the job disposes its reader.
public sealed class StreamHarness<TIn, TOut>
#pragma warning restore CA1001
{
    private readonly Func<StreamJobBuilder, DataStream<TIn>, DataStream<TOut>> _pipeline;
    private readonly Action<StreamJobOptions>? _configure;
    private readonly InMemoryObjectStore _store;
    private readonly List<TimedResult<TOut>> _results = [];
    private readonly List<Action<StreamJobBuilder, DataStream<TOut>>> _sideTaps = [];
    private SimulatedScheduler _scheduler = new(random: null);
    private HarnessSource<TIn> _source = new();
    private StreamJobExecution? _run;
    private StreamJobStart _start = new();

    /// <summary>Describes a harness; it begins at the first call that needs it.</summary>
    /// <param name="pipeline">Makes the stream under test from the stream of what is pushed.</param>
    /// <param name="configure">Changes settings, for example the parallelism or the serialisers.</param>
    public StreamHarness(Func<StreamJobBuilder, DataStream<TIn>, DataStream<TOut>> pipeline, Action<StreamJobOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        _pipeline = pipeline;
        _configure = configure;
        _store = new InMemoryObjectStore(Clock);
    }

    /// <summary>The clock; move it with <see cref="AdvanceClock"/>.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>What has come out since the last <see cref="TakeResults"/>, with event times.</summary>
    public IReadOnlyList<TimedResult<TOut>> Results => _results;

    /// <summary>Collects a side output; call it before anything is pushed.</summary>
    /// <typeparam name="TSide">What goes there.</typeparam>
    /// <param name="tag">The side output.</param>
    /// <returns>Grows as records arrive.</returns>
    public IReadOnlyList<TimedResult<TSide>> Collect<TSide>(OutputTag<TSide> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var collected = new List<TimedResult<TSide>>();
        _sideTaps.Add((_, stream) => stream.SideOutput(tag).SinkTo($"side-{tag.Id}", $"harness-side-{tag.Id}", new HarnessSink<TSide>(collected)));
        return collected;
    }

    /// <summary>Pushes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="eventTimeMs">Its event time.</param>
    public void Push(TIn record, long eventTimeMs)
    {
        Start();
        _source.Push(record, eventTimeMs);
        Settle();
    }

    /// <summary>Lets event time come to a moment.</summary>
    /// <param name="timeMs">The watermark.</param>
    public void Watermark(long timeMs)
    {
        Start();
        _source.Watermark(timeMs);
        Settle();
    }

    /// <summary>Lets time pass by the clock.</summary>
    /// <param name="by">How much.</param>
    public void AdvanceClock(TimeSpan by)
    {
        Start();
        Clock.Advance(by);
        Settle();
    }

    /// <summary>Ends the input: event time comes to its end and the job finishes.</summary>
    public void Complete()
    {
        Start();
        _source.Complete();
        Settle();
    }

    /// <summary>The job that runs the piece: its numbers, and why its event time is where it is.</summary>
    public StreamJobExecution Execution
    {
        get
        {
            Start();
            return _run!;
        }
    }

    /// <summary>Takes a checkpoint: a barrier goes through, everything is stored, and output is committed.</summary>
    /// <returns>Its id.</returns>
    public long Checkpoint() => Await(static run => run.TriggerCheckpointAsync());

    /// <summary>Takes a savepoint, to <see cref="Restart"/> from.</summary>
    /// <param name="name">Its name, not taken yet.</param>
    /// <returns>The id of the checkpoint that it is.</returns>
    public long Savepoint(string name) => Await(run => run.TriggerSavepointAsync(name));

    private long Await(Func<StreamJobExecution, Task<long>> ask)
    {
        Start();
        var taken = ask(_run!);
        Settle();
        // Who waits for a checkpoint is told on the thread pool, a moment after it is complete.
        return SpinWait.SpinUntil(() => taken.IsCompleted, TimeSpan.FromSeconds(10)) ? Outcome(taken)
            : throw new StreamJobException(Kernel.ErrorKind.Unavailable, "The checkpoint was not completed.");
    }

    /// <summary>Forgets what is running and begins again, as after a crash.</summary>
    /// <param name="start">Where from; the last checkpoint when null.</param>
    public void Restart(StreamJobStart? start = null)
    {
        _start = start ?? new StreamJobStart();
        _run = null;
        _scheduler = new SimulatedScheduler(random: null);
        _source = new HarnessSource<TIn>();
        Start();
    }

    /// <summary>What has come out since the last call.</summary>
    public IReadOnlyList<TimedResult<TOut>> TakeResults()
    {
        List<TimedResult<TOut>> taken = [.. _results];
        _results.Clear();
        return taken;
    }

    private void Start()
    {
        if (_run is not null)
        {
            return;
        }

        var options = new StreamJobOptions { CheckpointStore = _store, Time = Clock };
        _configure?.Invoke(options);
        var job = new StreamJobBuilder("harness", options);
        var input = job.FromSource("harness-input", "harness-input", _source, WatermarkStrategy.Custom(() => (IWatermarkGenerator<TIn>)_source)).WithParallelism(1);
        var output = _pipeline(job, input);
        output.SinkTo("harness-output", "harness-output", new HarnessSink<TOut>(_results));
        _sideTaps.ForEach(tap => tap(job, output));
        var starting = job.Build().StartAsync(_scheduler, _start, CancellationToken.None);
        Pump();
        _run = Outcome(starting);
        Settle();
    }

#pragma warning disable RS0030 // Only asked for when the task has come to its end on this very thread: nothing is waited for.
    private static TResult Outcome<TResult>(Task<TResult> ended) => ended.IsCompleted
        ? ended.GetAwaiter().GetResult()
        : throw new StreamJobException(Kernel.ErrorKind.Unavailable, "Something waits that the harness does not drive: use only what the harness gives.");
#pragma warning restore RS0030

    private void Settle()
    {
        Pump();
        if (_run?.Completion.Exception is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure.InnerException!);
        }
    }

    private void Pump()
    {
        while (_scheduler.RunOne())
        {
        }
    }
}

/// <summary>A result and its event time.</summary>
/// <typeparam name="T">The result.</typeparam>
/// <param name="Value">The result.</param>
/// <param name="EventTimeMs">Its event time.</param>
public readonly record struct TimedResult<T>(T Value, long EventTimeMs);
