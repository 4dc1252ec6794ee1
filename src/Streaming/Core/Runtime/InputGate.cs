using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Runtime;

/// <summary>Reads the channels of a subtask in turn, combines their watermarks, and aligns their barriers.</summary>
internal sealed class InputGate
{
    private readonly InputChannel[] _channels;
    private readonly StreamOperator _head;
    private readonly Action<CheckpointBarrier> _onBarrier;
    private readonly WatermarkValve _valve = new();
    private readonly BarrierAligner _aligner;
    private int _next;
    private int _ended;

    public InputGate(InputChannel[] channels, StreamOperator head, Action<CheckpointBarrier> onBarrier)
    {
        _channels = channels;
        _head = head;
        _onBarrier = onBarrier;
        _aligner = new BarrierAligner(channels.Length);
        foreach (var _ in channels)
        {
            _valve.Add();
        }
    }

    /// <summary>Whether no channel will bring records any more.</summary>
    public bool IsEnded => _ended == _channels.Length;

    /// <summary>Handles one element.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
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
                if (_aligner.Barrier(channel, barrier.Barrier.CheckpointId))
                {
                    _onBarrier(barrier.Barrier);
                }

                break;
            case EndElement:
                _ended++;
                if (IsEnded)
                {
                    _head.EndInput();
                }

                break;
            default:
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
