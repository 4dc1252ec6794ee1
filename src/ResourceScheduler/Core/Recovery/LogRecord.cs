namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>The events of one group commit.</summary>
/// <param name="Sequence">1 for the first record, then one more each.</param>
/// <param name="Epoch">Who wrote it.</param>
/// <param name="Payload">The frame, with its own checksum; see docs/formats/scheduler-log.md.</param>
public readonly record struct LogRecord(long Sequence, long Epoch, ReadOnlyMemory<byte> Payload);
