namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What a subtask contributed to a checkpoint, durable already.</summary>
internal sealed record SubtaskAck(
    IReadOnlyList<(string OperatorUid, StateSection Section)> Sections, IReadOnlyList<(string SinkUid, ReadOnlyMemory<byte> Committable)> Committables)
{
    /// <summary>Databases that were uploaded as they are.</summary>
    public IReadOnlyList<UploadedDatabase> Databases { get; init; } = [];
}

/// <summary>A checkpoint between its barrier and its manifest.</summary>
internal sealed class PendingCheckpoint(CheckpointBarrier barrier, bool isLast, int subtasks, long startedAt)
{
    private readonly List<SubtaskAck> _acks = [];

    public CheckpointBarrier Barrier => barrier;

    public long Id => barrier.CheckpointId;

    /// <summary>Whether the job ends with it.</summary>
    public bool IsLast => isLast;

    /// <summary>When it began, in ticks of the job's clock.</summary>
    public long StartedAt => startedAt;

    public TaskCompletionSource<long> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds a contribution.</summary>
    /// <returns>True when all have contributed.</returns>
    public bool Add(SubtaskAck ack)
    {
        _acks.Add(ack);
        return _acks.Count == subtasks;
    }

    /// <summary>The state of all operators, ordered by uid.</summary>
    public IReadOnlyList<OperatorState> Operators => OperatorStates.Of(_acks.SelectMany(static a => a.Sections), _acks.SelectMany(static a => a.Databases));

    /// <summary>What was written for this checkpoint; files of earlier ones that it refers to do not count.</summary>
    public long StateBytes => _acks.Sum(static a => a.Sections.Sum(static s => (long)s.Section.Length) + a.Databases.Sum(static d => d.WrittenBytes));
}
