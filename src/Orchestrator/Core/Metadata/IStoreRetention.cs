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

    /// <summary>Removes runs with their tasks, tries and values, in one transaction. Runs that go again meanwhile stay.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been removed.</param>
    /// <returns>How many runs were removed.</returns>
    ValueTask<int> RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken = default);

    /// <summary>Removes ended backfills, answered commands and lines of the audit log, in one transaction.</summary>
    /// <param name="cut">What is old enough.</param>
    /// <param name="limit">How many of each at most.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been removed.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken = default);
}
