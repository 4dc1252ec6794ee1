namespace DataPlatform.Streaming.Sinks;

/// <summary>Makes prepared output visible.</summary>
/// <remarks>One call at a time. A call must be idempotent by job name, sink uid and checkpoint id: it is repeated after a restart.</remarks>
public interface ISinkCommitter : IAsyncDisposable
{
    /// <summary>
    /// Commits what all subtasks prepared for one checkpoint. It is called after the checkpoint is durable, in the order of checkpoint ids;
    /// a notification that subsumes earlier ones arrives as separate calls. Checkpoints in which no subtask prepared anything are left out.
    /// </summary>
    /// <param name="checkpointId">The checkpoint whose epoch is committed; it grows from call to call, except where a restart repeats calls.</param>
    /// <param name="committables">What the subtasks returned from <see cref="ISinkWriter{T}.PrepareCommitAsync"/>, empty ones left out.</param>
    /// <param name="cancellationToken">Cancelled when the attempt ends; the commit may have become visible.</param>
    ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken);
}
