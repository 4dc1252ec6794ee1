namespace DataPlatform.Streaming.Checkpoints;

/// <summary>The mark in a stream that separates what belongs to a checkpoint from what does not.</summary>
/// <param name="CheckpointId">The checkpoint, from 1.</param>
/// <param name="StopsSources">Whether sources deliver nothing after it, because the job stops here.</param>
internal sealed record CheckpointBarrier(long CheckpointId, bool StopsSources);
