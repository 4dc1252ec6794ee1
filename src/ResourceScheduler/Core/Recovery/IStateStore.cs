namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Where a scheduler's events and saved states are kept: an append-only log with one writer, found by its epoch.</summary>
/// <remarks>
/// Thread-safe for one leader. Every claim has a greater epoch than all before; whatever carries an older one is refused from then on, so a
/// leader that was frozen can write nothing after its successor began. Contents are opaque here: <see cref="DurableScheduler"/> makes and
/// checks them.
/// </remarks>
public interface IStateStore : IAsyncDisposable
{
    /// <summary>Becomes the leader. Waits while another is.</summary>
    /// <param name="owner">Who, for people.</param>
    /// <param name="cancellationToken">Gives the wait up; nothing is changed.</param>
    /// <returns>The new epoch.</returns>
    /// <exception cref="SchedulerException">Conflict: this kind of store cannot wait and another process leads. Unavailable: it does not
    /// answer.</exception>
    ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default);

    /// <summary>The newest saved state, or null.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default);

    /// <summary>The records after one, in order.</summary>
    /// <param name="afterSequence">The last record that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulerException">Corrupt: the log is damaged; the message names the record.</exception>
    IAsyncEnumerable<LogRecord> ReadLogAsync(long afterSequence, CancellationToken cancellationToken = default);

    /// <summary>Adds a record. It is durable when this completes.</summary>
    /// <param name="record">The record, numbered one above the last.</param>
    /// <param name="cancellationToken">Gives up; the record may or may not have become durable, so the caller leads no more.</param>
    /// <exception cref="SchedulerException">Conflict: a later epoch began. Anything else: as after a cancellation.</exception>
    ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default);

    /// <summary>Keeps a state, after which the records up to it are no longer needed and may be dropped.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Gives up; an older state and its records are still there.</param>
    /// <exception cref="SchedulerException">Conflict: a later epoch began.</exception>
    ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default);

    /// <summary>Stops being the leader, so that another need not wait for it. Does nothing for an epoch that is over.</summary>
    /// <param name="epoch">The epoch of the claim.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default);
}
