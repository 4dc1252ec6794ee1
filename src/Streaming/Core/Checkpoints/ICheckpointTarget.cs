namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What the coordinator asks of the attempt that it serves.</summary>
internal interface ICheckpointTarget
{
    int SubtaskCount { get; }

    /// <summary>Lets barriers into the stream, at all sources.</summary>
    void InjectBarrier(CheckpointBarrier barrier);

    /// <summary>Tells all subtasks that a checkpoint has been given up.</summary>
    void CancelCheckpoint(long checkpointId);

    /// <summary>Commits output that a durable checkpoint holds.</summary>
    ValueTask CommitAsync(IReadOnlyList<SinkState> sinks, CancellationToken cancellationToken);

    void NotifyCompleted(long checkpointId);

    /// <summary>The last checkpoint is complete and committed.</summary>
    void OnFinished();

    void OnFailed(Exception exception);
}
