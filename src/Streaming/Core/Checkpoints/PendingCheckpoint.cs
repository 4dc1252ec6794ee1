namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What a subtask contributed to a checkpoint, durable already.</summary>
internal sealed record SubtaskAck(
    IReadOnlyList<(string OperatorUid, StateSection Section)> Sections, IReadOnlyList<(string SinkUid, ReadOnlyMemory<byte> Committable)> Committables)
{
    /// <summary>Databases that were uploaded as they are.</summary>
    public IReadOnlyList<UploadedDatabase> Databases { get; init; } = [];
}

/// <summary>A checkpoint that has been asked for.</summary>
/// <param name="StopsSources">Whether sources deliver nothing after it.</param>
/// <param name="IsLast">Whether the job ends with it.</param>
/// <param name="Savepoint">The savepoint that it is to be; null for none.</param>
/// <param name="Caller">Who waits for it; null for nobody.</param>
internal sealed record CheckpointRequest(bool StopsSources = false, bool IsLast = false, string? Savepoint = null, TaskCompletionSource<long>? Caller = null);

/// <summary>A checkpoint between its barrier and its manifest.</summary>
internal sealed class PendingCheckpoint(CheckpointBarrier barrier, CheckpointRequest request, int subtasks, DateTimeOffset startedAt)
{
    private readonly List<SubtaskAck> _acks = [];

    public CheckpointBarrier Barrier => barrier;

    public CheckpointRequest Request => request;

    public long Id => barrier.CheckpointId;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>Whether its manifest is being written; it can no longer be given up.</summary>
    public bool IsCompleting { get; set; }

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
