using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What a subtask tells the rest of the job.</summary>
internal interface ISubtaskListener
{
    /// <summary>The operators of the subtask have frozen their state for a checkpoint; the listener writes and disposes it.</summary>
    void OnSnapshot(Subtask subtask, SubtaskSnapshot snapshot);

    /// <summary>No more records will come through the subtask.</summary>
    void OnEnded(Subtask subtask);

    void OnFailed(Exception exception);
}

/// <summary>The operators of one vertex in one of its parallel instances, and their mailbox.</summary>
internal sealed class Subtask : Actor, IAsyncDisposable
{
    private readonly ISubtaskListener _listener;
    private readonly CancellationToken _cancellationToken;
    private readonly StreamJobOptions _options;
    private readonly IJobScheduler _scheduler;
    private readonly List<StreamOperator> _operators = [];
    private readonly List<IChannelOutput> _channelOutputs = [];
    private InputGate? _gate;
    private ISourceDriver? _source;
    private bool _sourceStopped;
    private bool _ended;
    private volatile bool _halted;

    public Subtask(PlannedVertex vertex, int index, StreamJobOptions options, IJobScheduler scheduler, ISubtaskListener listener, CancellationToken cancellationToken)
        : base(scheduler)
    {
        Vertex = vertex;
        Index = index;
        _options = options;
        _scheduler = scheduler;
        _listener = listener;
        _cancellationToken = cancellationToken;
        Timers = new TimerService(options.Time, Wake);
    }

    public PlannedVertex Vertex { get; }

    public int Index { get; }

    public TimerService Timers { get; }

    public IReadOnlyList<StreamOperator> Operators => _operators;

    public bool IsSource => _source is not null;

    /// <summary>Steps in which the subtask had input but no credit.</summary>
    public long BackPressuredSteps { get; private set; }

    public void AddOperator(StreamOperator added) => _operators.Add(added);

    public void AddChannelOutput(IChannelOutput output) => _channelOutputs.Add(output);

    /// <summary>Gives the subtask its input, after its operators.</summary>
    public void AttachInput(IReadOnlyList<InputChannel> channels)
    {
        // Operators are added from the end of the chain, so that each finds its outputs; the head is the last.
        var head = _operators[^1];
        if (channels.Count == 0)
        {
            _source = (ISourceDriver)head;
        }
        else
        {
            _gate = new InputGate([.. channels], head, TakeCheckpoint);
        }
    }

    /// <summary>Opens the operators, last one first, so that nobody sends to a closed one.</summary>
    public void Open()
    {
        foreach (var opened in _operators)
        {
            Guard(opened, static o => o.Open());
        }
    }

    /// <summary>Begins a checkpoint at a source.</summary>
    public void TriggerCheckpoint(CheckpointBarrier barrier)
    {
        if (!_halted)
        {
            TakeCheckpoint(barrier);
        }
    }

    /// <summary>Ends a source as if it had no more records.</summary>
    public void Drain()
    {
        if (_source is not null && !_ended && !_halted)
        {
            End();
        }
    }

    public void NotifyCompleted(long checkpointId)
    {
        if (_halted)
        {
            return;
        }

        foreach (var notified in _operators)
        {
            Guard(notified, o => o.CheckpointCompleted(checkpointId));
        }
    }

    /// <summary>The background write of the newest checkpoint; one follows the other. Belongs to the mailbox while it runs.</summary>
    public Task LastWrite { get; set; } = Task.CompletedTask;

    /// <summary>Takes no further steps.</summary>
    public void Halt() => _halted = true;

    /// <summary>Halts, and waits until the mailbox is at rest.</summary>
    public Task StopAsync()
    {
        Halt();
        var atRest = new TaskCompletionSource();
        Post(() => _scheduler.RunBackground(() =>
        {
            atRest.SetResult();
            return Task.CompletedTask;
        }));
        return atRest.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await Timers.DisposeAsync().ConfigureAwait(false);
        foreach (var closed in _operators)
        {
            await closed.CloseAsync().ConfigureAwait(false);
        }
    }

    protected override bool Step()
    {
        if (_halted)
        {
            return false;
        }

        Timers.Fire();
        if (!HasRoom())
        {
            BackPressuredSteps++;
            return false;
        }

        var worked = _gate is not null ? _gate.Step() : PollSource();
        if (_gate is { IsEnded: true } && !_ended)
        {
            _ended = true;
            _listener.OnEnded(this);
        }

        FlushOutputs(all: !worked);
        return worked;
    }

    protected override void OnError(Exception exception)
    {
        if (_halted)
        {
            return;
        }

        _halted = true;
        var failed = (exception as OperatorException)?.Failed ?? _operators[^1];
        var cause = exception is OperatorException ? exception.InnerException! : exception;
        _listener.OnFailed(cause is OperationCanceledException && _cancellationToken.IsCancellationRequested
            ? cause
            : Describe(failed, cause, (exception as OperatorException)?.Position));
    }

    private StreamJobException Describe(StreamOperator failed, Exception cause, long? position)
    {
        var record = position is { } at ? string.Create(CultureInfo.InvariantCulture, $", record {at}") : string.Empty;
        return new((cause as DataPlatformException)?.Kind ?? ErrorKind.Invalid, $"Operator '{failed.Context.Name}', subtask {Index}{record}: {cause.Message}", cause)
        {
            OperatorName = failed.Context.Name,
            SubtaskIndex = Index,
            RecordPosition = position,
        };
    }

    private static void Guard(StreamOperator guarded, Action<StreamOperator> action)
    {
        try
        {
            action(guarded);
        }
        catch (Exception exception) when (exception is not OperatorException)
        {
            throw new OperatorException(guarded, exception);
        }
    }

    private bool PollSource()
    {
        if (_ended || _sourceStopped)
        {
            return false;
        }

        switch (_source!.Poll())
        {
            case ReadStatus.More:
                return true;
            case ReadStatus.Waiting:
                return false;
            default:
                End();
                return false;
        }
    }

    private void End()
    {
        _source!.Finish();
        _ended = true;
        _listener.OnEnded(this);
    }

    private void TakeCheckpoint(CheckpointBarrier barrier)
    {
        var snapshot = new SubtaskSnapshot(barrier.CheckpointId, _cancellationToken);
        foreach (var frozen in _operators)
        {
            Guard(frozen, o => o.Snapshot(snapshot));
        }

        foreach (var output in _channelOutputs)
        {
            output.Barrier(barrier);
        }

        _sourceStopped |= barrier.StopsSources && IsSource;
        _listener.OnSnapshot(this, snapshot);
    }

    private bool HasRoom()
    {
        foreach (var output in _channelOutputs)
        {
            if (!output.HasRoom)
            {
                return false;
            }
        }

        return true;
    }

    private void FlushOutputs(bool all)
    {
        foreach (var output in _channelOutputs)
        {
            if (output.OpenSince is { } since && (all || _options.Time.GetElapsedTime(since) >= _options.BatchLinger))
            {
                output.Flush();
            }
        }
    }
}
