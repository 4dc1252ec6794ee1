namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>A whole scheduler after one record of its log.</summary>
/// <param name="Sequence">The last record whose events are in it.</param>
/// <param name="Epoch">Who wrote it.</param>
/// <param name="Payload">The frame, with its own checksum; see docs/formats/scheduler-log.md.</param>
public sealed record SavedState(long Sequence, long Epoch, ReadOnlyMemory<byte> Payload);
