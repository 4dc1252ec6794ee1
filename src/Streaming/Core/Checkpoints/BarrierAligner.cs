namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// Decides which inputs must wait for a checkpoint and when it is complete at a subtask. A pure state machine: the subtask reads no further
/// from an input that has delivered the barrier until all inputs have.
/// </summary>
internal sealed class BarrierAligner(int inputs)
{
    private readonly bool[] _blocked = new bool[inputs];
    private int _arrived;

    /// <summary>The checkpoint being aligned, or the last one seen.</summary>
    public long CheckpointId { get; private set; }

    /// <summary>Whether some input waits.</summary>
    public bool IsAligning => _arrived > 0;

    public bool IsBlocked(int input) => _blocked[input];

    /// <summary>A barrier has arrived on an input.</summary>
    /// <returns>Whether the checkpoint may be taken now; all inputs are free then.</returns>
    public bool Barrier(int input, long checkpointId)
    {
        if (checkpointId < CheckpointId || (checkpointId == CheckpointId && !IsAligning))
        {
            // A barrier of a checkpoint that a newer one has subsumed, or that is over.
            return false;
        }

        if (checkpointId > CheckpointId)
        {
            Release();
            CheckpointId = checkpointId;
        }

        if (!_blocked[input])
        {
            _blocked[input] = true;
            _arrived++;
        }

        if (_arrived < _blocked.Length)
        {
            return false;
        }

        Release();
        return true;
    }

    /// <summary>A checkpoint has been given up: nobody waits for it, and barriers of it that still come are ignored.</summary>
    public void Cancel(long checkpointId)
    {
        if (checkpointId >= CheckpointId)
        {
            CheckpointId = checkpointId;
            Release();
        }
    }

    private void Release()
    {
        Array.Clear(_blocked);
        _arrived = 0;
    }
}
