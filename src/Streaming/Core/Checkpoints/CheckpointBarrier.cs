namespace DataPlatform.Streaming.Checkpoints;

/// <summary>The mark in a stream that separates what belongs to a checkpoint from what does not.</summary>
/// <param name="CheckpointId">The checkpoint, from 1.</param>
/// <param name="StopsSources">Whether sources deliver nothing after it, because the job stops here.</param>
internal sealed record CheckpointBarrier(long CheckpointId, bool StopsSources)
{
    /// <summary>The savepoint that this checkpoint is; null for one that the job takes for itself.</summary>
    public string? Savepoint { get; init; }

    /// <summary>From when on, by the job's clock, the barrier waits for nobody; null for always aligned, as savepoints are.</summary>
    public long? UnalignedFromMs { get; init; }
}
