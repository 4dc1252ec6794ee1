using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What a gate needs of its subtask.</summary>
internal interface ICheckpointTaker
{
    /// <summary>Freezes the operators and passes the barrier on.</summary>
    SubtaskSnapshot Take(CheckpointBarrier barrier);

    /// <summary>A snapshot is complete, with what was in flight, or has been abandoned.</summary>
    void Hand(SubtaskSnapshot snapshot);

    /// <summary>Lets the subtask look again at a time of the job's clock.</summary>
    void WakeAt(long timeMs);
}

/// <summary>Reads the channels of a subtask in turn, combines their watermarks, and brings their barriers together.</summary>
internal sealed partial class InputGate
{
    private readonly InputChannel[] _channels;
    private readonly StreamOperator _head;
    private readonly ICheckpointTaker _taker;
    private readonly KeyGroupRange _groups;
    private readonly WatermarkValve _valve = new();
    private readonly BarrierAligner _aligner;
    private int _next;
    private int _ended;
    private bool _restoring;

    public InputGate(InputChannel[] channels, StreamOperator head, ICheckpointTaker taker, KeyGroupRange groups)
    {
        _channels = channels;
        _head = head;
        _taker = taker;
        _groups = groups;
        _aligner = new BarrierAligner(channels.Length, [.. channels.Select(static c => c.CanRecord)]);
        foreach (var _ in channels)
        {
            _valve.Add();
        }
    }

    /// <summary>Whether no channel will bring records any more.</summary>
    public bool IsEnded => _ended == _channels.Length;

    public IReadOnlyList<InputChannel> Channels => _channels;

    /// <summary>How many batches have been worked off.</summary>
    public long Batches { get; private set; }

    /// <summary>How event time stands at each channel.</summary>
    public WatermarkValve Valve => _valve;

    /// <summary>Whether a channel waits for the barriers of the others.</summary>
    public bool IsBlocked(int channel) => _aligner.IsBlocked(channel);

    /// <summary>Puts what was in flight in the restored checkpoint in front of everything else.</summary>
    public void Restore(int channel, RestoredOperator restored, int subtask, int parallelism)
    {
        _channels[channel].Restore(restored, subtask, parallelism);
        _restoring |= _channels[channel].RestoredBatches > 0;
    }

    /// <summary>Handles one element.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
        if (_restoring && StepRestored())
        {
            return true;
        }

        for (var tried = 0; tried < _channels.Length; tried++)
        {
            var channel = _next;
            _next = _next + 1 == _channels.Length ? 0 : _next + 1;
            if (!_aligner.IsBlocked(channel) && _channels[channel].TryReceive(out var element))
            {
                Handle(channel, element);
                return true;
            }
        }

        return false;
    }

    private bool StepRestored()
    {
        var channel = Array.FindIndex(_channels, static c => c.RestoredBatches > 0);
        if (channel >= 0 && _channels[channel].TryReceive(out var element))
        {
            Handle(channel, element);
            return true;
        }

        _restoring = false;
        return false;
    }

    private void Handle(int channel, StreamElement element)
    {
        switch (element)
        {
            case WatermarkElement watermark:
                Publish(_valve.Watermark(channel, watermark.TimeMs));
                break;
            case StatusElement status:
                Publish(_valve.Status(channel, status.IsIdle));
                break;
            case BarrierElement barrier:
                Arrive(channel, barrier.Barrier);
                break;
            case EndElement:
                _ended++;
                if (IsEnded)
                {
                    _head.EndInput();
                }

                break;
            default:
                if (_aligner.IsRecording(channel))
                {
                    _channels[channel].Record(element, InFlightOf(channel));
                }

                Batches++;
                _channels[channel].Deliver(element);
                break;
        }
    }

    private void Publish(bool rises)
    {
        if (rises)
        {
            if (_head.Counters.IsIdle)
            {
                _head.ChangeStatus(idle: false);
            }

            _head.AdvanceWatermark(_valve.CurrentMs);
        }

        if (_valve.IsIdle != _head.Counters.IsIdle)
        {
            _head.ChangeStatus(_valve.IsIdle);
        }
    }
}
