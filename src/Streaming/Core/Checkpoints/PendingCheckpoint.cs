namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What a subtask contributed to a checkpoint, durable already.</summary>
internal sealed record SubtaskAck(
    IReadOnlyList<(string OperatorUid, StateSection Section)> Sections, IReadOnlyList<(string SinkUid, ReadOnlyMemory<byte> Committable)> Committables);

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
    public IReadOnlyList<OperatorState> Operators => [.. _acks.SelectMany(static a => a.Sections)
        .GroupBy(static s => s.OperatorUid, StringComparer.Ordinal)
        .OrderBy(static g => g.Key, StringComparer.Ordinal)
        .Select(static g => new OperatorState(g.Key, [.. g.Select(static s => s.Section)
            .OrderBy(static s => s.State, StringComparer.Ordinal).ThenBy(static s => s.FirstKeyGroup).ThenBy(static s => s.File, StringComparer.Ordinal)]))];

    public long StateBytes => _acks.Sum(static a => a.Sections.Sum(static s => (long)s.Section.Length));
}
