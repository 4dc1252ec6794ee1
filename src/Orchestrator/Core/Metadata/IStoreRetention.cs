namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Removes what has been kept long enough, a little at a time. Thread-safe; several processes may do it at once.</summary>
public interface IStoreRetention
{
    /// <summary>Ended runs that may go, the oldest first.</summary>
    /// <param name="endedBefore">Only runs that ended before.</param>
    /// <param name="keptByDag">The newest runs of each DAG that stay.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<ExpiredRun>> ListExpiredRunsAsync(
        DateTimeOffset endedBefore, int keptByDag, int limit, CancellationToken cancellationToken = default);

    /// <summary>Removes runs and notes that they are gone, in one short transaction: what belongs to them, here and in object stores, is removed
    /// after, a little at a time, also by another process when this one dies. Runs that go again meanwhile stay.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been removed.</param>
    /// <returns>How many runs were removed.</returns>
    ValueTask<int> RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken = default);

    /// <summary>Removed runs that something may still be left of, by number.</summary>
    /// <param name="afterId">Only runs with larger numbers.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<ExpiredRun>> ListRemovedRunsAsync(long afterId, int limit, CancellationToken cancellationToken = default);

    /// <summary>Removes tasks, tries and values of removed runs, in one transaction.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="limit">Rows of each kind at most.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been removed.</param>
    /// <returns>How many rows were removed; 0 when none is left.</returns>
    ValueTask<int> RemoveRestsAsync(IReadOnlyList<long> runIds, int limit, CancellationToken cancellationToken = default);

    /// <summary>Forgets removed runs that nothing is left of.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been forgotten.</param>
    ValueTask ForgetRemovedRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken = default);

    /// <summary>Removes ended backfills, answered commands and lines of the audit log, in one transaction.</summary>
    /// <param name="cut">What is old enough.</param>
    /// <param name="limit">How many of each at most.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been removed.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken = default);
}
