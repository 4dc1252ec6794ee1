using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Runtime;

/// <content>Barriers: aligned, overtaking, given up.</content>
internal sealed partial class InputGate
{
    private readonly Dictionary<string, InFlightState> _inFlight = new(StringComparer.Ordinal);

    // A snapshot that was taken unaligned, as long as records in flight still belong to it.
    private SubtaskSnapshot? _held;

    // The barrier that the subtask will look at again.
    private CheckpointBarrier? _waiting;
    private long _cancelledId;

    /// <summary>
    /// Looks whether a barrier has waited long enough, and takes its checkpoint. To be called before the subtask looks at its own credit: it is
    /// those that are held back which have to let barriers pass.
    /// </summary>
    public void Overtake(ITimerService timers)
    {
        if (_waiting is { } waiting && _aligner.IsAligning && _aligner.CheckpointId == waiting.CheckpointId && timers.NowMs >= waiting.UnalignedFromMs)
        {
            Overtake(waiting);
        }

        for (var channel = 0; channel < _channels.Length; channel++)
        {
            if (_channels[channel].Announced is not { UnalignedFromMs: { } fromMs } barrier)
            {
                continue;
            }

            if (timers.NowMs >= fromMs)
            {
                Overtake(barrier);
                RecordUpTo(channel, barrier.CheckpointId);
            }
            else
            {
                Await(barrier, fromMs);
            }
        }

        Settle();
    }

    /// <summary>A checkpoint has been given up.</summary>
    public void Cancel(long checkpointId)
    {
        _cancelledId = Math.Max(_cancelledId, checkpointId);
        _aligner.Cancel(checkpointId);
        Settle();
    }

    /// <summary>Sees to it that the subtask looks again when the barrier has waited long enough.</summary>
    private void Await(CheckpointBarrier barrier, long fromMs)
    {
        if (barrier.CheckpointId > (_waiting?.CheckpointId ?? 0))
        {
            _waiting = barrier;
            _taker.WakeAt(fromMs);
        }
    }

    private void Arrive(int channel, CheckpointBarrier barrier)
    {
        if (_aligner.Barrier(channel, barrier.CheckpointId))
        {
            Settle();
            _taker.Hand(_taker.Take(barrier));
        }
        else if (_aligner.IsAligning && barrier.UnalignedFromMs is { } fromMs)
        {
            Await(barrier, fromMs);
        }

        Settle();
    }

    private void Overtake(CheckpointBarrier barrier)
    {
        if (!_aligner.Overtake(barrier.CheckpointId))
        {
            return;
        }

        Settle();
        _held = _taker.Take(barrier);
        for (var channel = 0; channel < _channels.Length; channel++)
        {
            RecordUpTo(channel, barrier.CheckpointId);
        }
    }

    private void RecordUpTo(int channel, long checkpointId)
    {
        if (_aligner.IsRecording(channel) && _held?.CheckpointId == checkpointId && _channels[channel].TryRecordUpTo(checkpointId, InFlightOf(channel)))
        {
            _aligner.Recorded(channel);
        }
    }

    private InFlightState InFlightOf(int channel)
    {
        var uid = _channels[channel].EdgeUid;
        if (!_inFlight.TryGetValue(uid, out var state))
        {
            _inFlight.Add(uid, state = _channels[channel].CreateInFlight(_groups));
        }

        return state;
    }

    /// <summary>Hands over the snapshot at hand when all of its records are there, or when a newer checkpoint or a cancellation came before them.</summary>
    private void Settle()
    {
        if (_held is not { } held)
        {
            return;
        }

        var isOver = _aligner.CheckpointId != held.CheckpointId || _aligner.IsAligning || _cancelledId >= held.CheckpointId;
        if (!isOver && _aligner.Recordings > 0)
        {
            return;
        }

        held.IsAbandoned = isOver;
        if (!isOver)
        {
            foreach (var state in _inFlight.Values)
            {
                state.AddTo(held);
            }
        }

        _inFlight.Clear();
        _held = null;
        _taker.Hand(held);
    }
}
