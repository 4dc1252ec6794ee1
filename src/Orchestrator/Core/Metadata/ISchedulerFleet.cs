using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What a store offers where several schedulers work at once: leases of DAGs, shares of pools, and signals between processes.</summary>
/// <remarks>
/// Thread-safe. A scheduler is a session: a term got from <see cref="IOrchestratorStore.ClaimAsync"/> that lives while it is renewed, by the
/// store's clock. A DAG belongs to at most one session. What a session owns it loses only with its whole term, or by giving it back itself; so
/// a batch of a living term may write everything its scheduler has in memory, and one of a dead term nothing.
/// </remarks>
public interface ISchedulerFleet
{
    /// <summary>The longest a scheduler may go without <see cref="BeatAsync"/>: its leases last three times as long or longer.</summary>
    TimeSpan BeatEvery { get; }

    /// <summary>How long a term lives without being renewed.</summary>
    TimeSpan Lease { get; }

    /// <summary>Says what a session can run. Its DAGs count from now on when shares are computed.</summary>
    /// <param name="term">The session.</param>
    /// <param name="dags">The DAGs its process has code for.</param>
    /// <param name="pools">Slots by pool; of processes that differ, the one that came last says.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask EnterAsync(
        long term, IReadOnlyList<Dag> dags, IEnumerable<KeyValuePair<string, int>> pools, CancellationToken cancellationToken = default);

    /// <summary>Renews a session, ends those that have run out, and takes DAGs that nobody owns up to a fair share.</summary>
    /// <param name="term">The session.</param>
    /// <param name="cancellationToken">Stops waiting; DAGs may have been taken, and come with the next beat.</param>
    /// <exception cref="OrchestratorStoreException">Conflict: the term is over.</exception>
    ValueTask<FleetBeat> BeatAsync(long term, CancellationToken cancellationToken = default);

    /// <summary>Gives DAGs back. Those that are no longer the session's are passed over.</summary>
    /// <param name="term">The session.</param>
    /// <param name="dagIds">The DAGs; the scheduler has nothing more to write for them.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask GiveBackAsync(long term, IReadOnlyList<string> dagIds, CancellationToken cancellationToken = default);

    /// <summary>Exchanges slots of pools with the other sessions: one critical section a pool, in order of their names.</summary>
    /// <param name="term">The session.</param>
    /// <param name="demands">What the session uses and wants, by pool. Slots it uses are never taken away.</param>
    /// <param name="cancellationToken">Stops waiting; the exchange may have been made.</param>
    /// <returns>What it may use from now on, by pool.</returns>
    /// <exception cref="OrchestratorStoreException">Conflict: the term is over.</exception>
    ValueTask<IReadOnlyList<PoolGrant>> ShareAsync(
        long term, IReadOnlyList<PoolDemand> demands, CancellationToken cancellationToken = default);

    /// <summary>Updates of datasets that successes of tasks made, in any process, since an earlier look.</summary>
    /// <param name="since">What the earlier look gave; null to begin here and get none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<FleetUpdates> ListUpdatesAsync(long? since, CancellationToken cancellationToken = default);

    /// <summary>The store's clock.</summary>
    ValueTask<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default);

    /// <summary>Reserves numbers of runs, larger than all reserved before.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Stops waiting; the numbers may then be lost.</param>
    /// <returns>The first.</returns>
    ValueTask<long> ReserveRunIdsAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>Reserves the number of a backfill.</summary>
    ValueTask<long> ReserveBackfillIdAsync(CancellationToken cancellationToken = default);

    /// <summary>Follows what other processes signal. Signals may be lost: whoever waits also looks by itself once in a while.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<FleetSignal> FollowSignalsAsync(CancellationToken cancellationToken = default);
}
