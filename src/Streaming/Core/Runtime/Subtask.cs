using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Diagnostics;
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
internal sealed class Subtask : Actor, ICheckpointTaker, IAsyncDisposable
{
    private const int DebloatBatches = 16;
    private readonly ISubtaskListener _listener;
    private readonly CancellationToken _cancellationToken;
    private readonly StreamJobOptions _options;
    private readonly IJobScheduler _scheduler;
    private readonly List<StreamOperator> _operators = [];
    private readonly List<IChannelOutput> _channelOutputs = [];
    private InputGate? _gate;
    private ISourceDriver? _source;
    private readonly bool _overtakes;
    private bool _sourceStopped;
    private bool _ended;
    private bool _isBackPressured;
    private long _debloatedBatches;
    private TimeSpan _debloatedBusy;
    private volatile bool _halted;

    public Subtask(PlannedVertex vertex, int index, StreamJobOptions options, IJobScheduler scheduler, ISubtaskListener listener, CancellationToken cancellationToken)
        : base(scheduler, beginsClosed: true)
    {
        Vertex = vertex;
        Index = index;
        _options = options;
        _scheduler = scheduler;
        _listener = listener;
        _cancellationToken = cancellationToken;
        Name = string.Join(" -> ", vertex.Nodes.Select(static n => n.Name));
        Load = new LoadClock(options.Time);
        _overtakes = options.AlignmentTimeout is not null;
        Timers = new TimerService(options.Time, Wake);
    }

    public PlannedVertex Vertex { get; }

    public int Index { get; }

    /// <summary>The names of its operators, head first.</summary>
    public string Name { get; }

    /// <summary>What the subtask spends its time on.</summary>
    public LoadClock Load { get; }

    public TimerService Timers { get; }

    public IReadOnlyList<StreamOperator> Operators => _operators;

    public bool IsSource => _source is not null;

    /// <summary>What the subtask reads; null for a source.</summary>
    public InputGate? Gate => _gate;

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
            _gate = new InputGate([.. channels], head, this, head.Context.KeyGroups);
        }
    }

    /// <summary>Why event time is where it is; may be asked from any thread.</summary>
    public SubtaskExplanation Explain()
    {
        List<InputExplanation> inputs = [];
        for (var i = 0; _gate is not null && i < _gate.Channels.Count; i++)
        {
            var valve = _gate.Valve;
            var sender = _gate.Channels[i].Sender as Subtask;
            inputs.Add(new InputExplanation(
                sender?.Name ?? string.Empty,
                sender?.Index ?? 0,
                valve.WatermarkOf(i),
                valve.IsInputIdle(i) ? InputState.Idle : valve.IsInputAligned(i) ? InputState.Active : InputState.CatchingUp,
                _gate.IsBlocked(i),
                valve.IsInputAligned(i) && valve.WatermarkOf(i) <= valve.CurrentMs));
        }

        var head = _operators[^1];
        return new SubtaskExplanation(Name, Index, head.CurrentWatermarkMs, head.Counters.IsIdle, Load.Current == LoadKind.BackPressured, inputs, _source?.Explain() ?? []);
    }

    /// <summary>Opens the operators, last one first, so that nobody sends to a closed one.</summary>
    public void Open()
    {
        foreach (var opened in _operators)
        {
            try
            {
                opened.Open();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw Describe(opened, exception, position: null);
            }
        }
    }

    /// <summary>Begins a checkpoint at a source.</summary>
    public void TriggerCheckpoint(CheckpointBarrier barrier)
    {
        if (!_halted)
        {
            Hand(Take(barrier));
        }
    }

    /// <summary>Waits for no barrier of a checkpoint any more.</summary>
    public void CancelCheckpoint(long checkpointId)
    {
        if (!_halted)
        {
            _gate?.Cancel(checkpointId);
        }
    }

    public SubtaskSnapshot Take(CheckpointBarrier barrier)
    {
        var snapshot = new SubtaskSnapshot(barrier.CheckpointId, _cancellationToken, barrier.Savepoint);
        foreach (var frozen in _operators)
        {
            Guard(frozen, o => o.Snapshot(snapshot));
        }

        foreach (var output in _channelOutputs)
        {
            output.Barrier(barrier);
        }

        _sourceStopped |= barrier.StopsSources && IsSource;
        return snapshot;
    }

    public void Hand(SubtaskSnapshot snapshot) => _listener.OnSnapshot(this, snapshot);

    public void WakeAt(long timeMs) => Timers.Register(timeMs, static _ => { });

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

        // One that never began, since another could not be opened, has this mail to read too.
        Begin();
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

        Load.Begin();
        var worked = false;
        try
        {
            worked = StepOnce();
        }
        finally
        {
            Load.End(worked ? LoadKind.Busy : _isBackPressured ? LoadKind.BackPressured : LoadKind.Idle);
        }

        return worked;
    }

    private bool StepOnce()
    {
        Timers.Fire();
        if (_overtakes)
        {
            _gate?.Overtake(Timers);
        }

        _isBackPressured = !HasRoom();
        if (_isBackPressured)
        {
            BackPressuredSteps++;
            _source?.HoldBack();
            return false;
        }

        var worked = _gate is not null ? _gate.Step() : PollSource();
        if (_gate is { IsEnded: true } && !_ended)
        {
            _ended = true;
            _listener.OnEnded(this);
        }

        FlushOutputs(all: !worked);
        if (!worked || (_gate is not null && _gate.Batches - _debloatedBatches >= DebloatBatches))
        {
            Debloat();
        }

        return worked;
    }

    /// <summary>
    /// Gives senders as much credit as the subtask is fast. Looked at when the input has run dry and after some batches, over what was done since.
    /// </summary>
    private void Debloat()
    {
        if (_gate is null || _options.BufferDebloatTarget is not { } target || _gate.Batches - _debloatedBatches < DebloatBatches)
        {
            return;
        }

        var busy = Load.Busy;
        var credit = BufferDebloat.Credit(target, busy - _debloatedBusy, _gate.Batches - _debloatedBatches, _gate.Channels.Count, _options.ChannelCapacity);
        foreach (var channel in _gate.Channels)
        {
            channel.Credit = credit;
        }

        (_debloatedBatches, _debloatedBusy) = (_gate.Batches, busy);
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
