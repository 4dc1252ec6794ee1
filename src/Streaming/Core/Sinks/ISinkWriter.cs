namespace DataPlatform.Streaming.Sinks;

/// <summary>Writes the records of one subtask.</summary>
/// <typeparam name="T">What is written.</typeparam>
/// <remarks>Called by one thread at a time. Disposed at the end of the attempt, also after a failure: uncommitted output must stay invisible.</remarks>
public interface ISinkWriter<T> : IAsyncDisposable
{
    /// <summary>Takes records of the current epoch. Runs on the subtask's mailbox, so it must not wait for I/O.</summary>
    /// <param name="records">The records; valid during the call only.</param>
    /// <param name="eventTimesMs">Their event times, milliseconds since 1970-01-01 UTC, one per record.</param>
    void Write(ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs);

    /// <summary>
    /// Ends the epoch at the barrier of a checkpoint, and once more at the end of a bounded input. The epoch's data must be detached before
    /// the first await: records of the next epoch may be written while this task runs.
    /// </summary>
    /// <param name="checkpointId">The checkpoint that ends the epoch.</param>
    /// <param name="cancellationToken">Cancelled when the attempt ends.</param>
    /// <returns>The committable, opaque to the job and stored in the checkpoint; empty when there is nothing to commit.</returns>
    ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken);
}
