namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// Decides which inputs must wait for a checkpoint, which records in flight belong to it, and when it may be taken at a subtask. A pure state
/// machine. Aligned, the subtask reads no further from an input that has delivered the barrier until all inputs have. Unaligned, it takes the
/// checkpoint at once, waits for nobody, and what an input still delivers before its barrier belongs to the checkpoint.
/// </summary>
/// <param name="inputs">How many inputs there are.</param>
/// <param name="canRecord">Which of them can record what is in flight; null for none. The others have to be aligned in any case.</param>
internal sealed class BarrierAligner(int inputs, bool[]? canRecord = null)
{
    private readonly bool[] _arrived = new bool[inputs];
    private readonly bool[] _recording = new bool[inputs];
    private int _arrivals;

    /// <summary>The checkpoint being aligned, or the last one seen.</summary>
    public long CheckpointId { get; private set; }

    /// <summary>Whether the checkpoint has begun at some input and has not been taken.</summary>
    public bool IsAligning { get; private set; }

    /// <summary>Inputs whose records in flight still belong to the checkpoint that has been taken.</summary>
    public int Recordings { get; private set; }

    public bool IsBlocked(int input) => IsAligning && _arrived[input];

    public bool IsRecording(int input) => _recording[input];

    /// <summary>A barrier has arrived on an input, in its turn.</summary>
    /// <returns>Whether the checkpoint may be taken now; all inputs are free then.</returns>
    public bool Barrier(int input, long checkpointId)
    {
        if (checkpointId == CheckpointId && _recording[input])
        {
            Recorded(input);
            return false;
        }

        if (!Begin(checkpointId))
        {
            return false;
        }

        if (!_arrived[input])
        {
            _arrived[input] = true;
            _arrivals++;
        }

        if (_arrivals < _arrived.Length)
        {
            return false;
        }

        Release();
        return true;
    }

    /// <summary>A checkpoint will wait no longer. It may be asked for again after each arrival.</summary>
    /// <returns>Whether it may be taken now; then the inputs that have not delivered the barrier are being recorded.</returns>
    public bool Overtake(long checkpointId)
    {
        if (canRecord is null || !Begin(checkpointId))
        {
            return false;
        }

        for (var input = 0; input < _arrived.Length; input++)
        {
            if (!_arrived[input] && !canRecord[input])
            {
                return false;
            }
        }

        for (var input = 0; input < _arrived.Length; input++)
        {
            _recording[input] = !_arrived[input];
            Recordings += _arrived[input] ? 0 : 1;
        }

        Release();
        return true;
    }

    /// <summary>All of an input's records that belong to the checkpoint have been recorded.</summary>
    public void Recorded(int input)
    {
        Recordings -= _recording[input] ? 1 : 0;
        _recording[input] = false;
    }

    /// <summary>A checkpoint has been given up: nobody waits for it, and barriers of it that still come are ignored.</summary>
    public void Cancel(long checkpointId)
    {
        if (checkpointId >= CheckpointId)
        {
            CheckpointId = checkpointId;
            Release();
            StopRecording();
        }
    }

    /// <returns>False for a checkpoint that a newer one has subsumed, or that is over.</returns>
    private bool Begin(long checkpointId)
    {
        if (checkpointId < CheckpointId || (checkpointId == CheckpointId && !IsAligning))
        {
            return false;
        }

        if (checkpointId > CheckpointId)
        {
            Release();
            StopRecording();
            CheckpointId = checkpointId;
            IsAligning = true;
        }

        return true;
    }

    private void Release()
    {
        Array.Clear(_arrived);
        _arrivals = 0;
        IsAligning = false;
    }

    private void StopRecording()
    {
        Array.Clear(_recording);
        Recordings = 0;
    }
}
