namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>What a new leader found.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="StateSequence">The record the saved state it began with was made after; 0 when there was none.</param>
/// <param name="Records">Records read after that.</param>
/// <param name="Events">Events in them.</param>
public sealed record RecoveryReport(long Epoch, long StateSequence, long Records, long Events);
