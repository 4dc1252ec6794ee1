using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Where DAG versions, runs and task instances are kept.</summary>
/// <remarks>
/// Thread-safe. Writes are atomic by call and durable when they return. A scheduler first claims the store and gets a term. Where a store
/// has one scheduler a later claim fences the earlier one; where it has a <see cref="Fleet"/> a term ends when it is not renewed. Either way
/// a scheduler that was frozen cannot write over its successor.
/// </remarks>
public interface IOrchestratorStore : IAsyncDisposable
{
    /// <summary>What people look at.</summary>
    IRunHistory History { get; }

    /// <summary>Who did what by hand.</summary>
    IAuditLog Audit { get; }

    /// <summary>Removes what has been kept long enough.</summary>
    IStoreRetention Retention { get; }

    /// <summary>What several schedulers at once need; null where the store has one scheduler.</summary>
    ISchedulerFleet? Fleet => null;

    /// <summary>Commands from other processes; null where the store is of one process.</summary>
    ICommandQueue? Commands => null;

    /// <summary>Makes the caller a scheduler of the store.</summary>
    /// <param name="owner">A name for people, for example host and process id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A term larger than all before.</returns>
    /// <exception cref="OrchestratorStoreException">Conflict: the store has one scheduler, and that is another live process.</exception>
    ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default);

    /// <summary>Ends a term, so that successors need not wait for it to run out.</summary>
    ValueTask ReleaseAsync(long term, CancellationToken cancellationToken = default) => default;

    /// <summary>Records DAGs and their versions. Known ones keep their pause, first registration and last fire.</summary>
    /// <param name="dags">The DAGs of this process.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>All that has not ended.</summary>
    /// <param name="dagIds">Only of these DAGs; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<UnfinishedWork> LoadUnfinishedAsync(
        IReadOnlyCollection<string>? dagIds = null, CancellationToken cancellationToken = default);

    /// <summary>Writes one step.</summary>
    /// <exception cref="OrchestratorStoreException">Conflict: the term is over, nothing was written.</exception>
    ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default);

    /// <summary>The newest updates that successes of tasks made (<see cref="StoreBatch.Updates"/>): whoever takes a DAG up finds here what was
    /// updated while nobody scheduled it.</summary>
    /// <param name="datasets">Of these datasets.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Each at most once: with its newest version where one was told with a version, else with the number of its newest update.</returns>
    ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default);

    /// <summary>Pools by name: those that were set by hand, and where several schedulers work those they are configured with.</summary>
    ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets the slots of a pool. They go before what engines are configured with, now and after a restart.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="slots">Its slots.</param>
    /// <param name="description">What it is for; null leaves what was said.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default);

    /// <summary>Forgets a pool whose slots nobody takes.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False: there is none, a task holds slots of it, or a scheduler that works now shares it.</returns>
    ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All DAGs by name.</summary>
    ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default);

    /// <summary>The structure of a DAG version, or null.</summary>
    /// <param name="hash">Its content hash.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>A run, or null.</summary>
    ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Those of some runs that have ended, and with null those that there are none of.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default);

    /// <summary>The run of a DAG that was asked for with an idempotency key, or null.</summary>
    ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default);

    /// <summary>Runs, newest first, a page at a time.</summary>
    ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default);

    /// <summary>The task instances of a run that have left <see cref="TaskState.None"/>, by task number and map index.</summary>
    ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Earlier tries of a run's task instances, by task number, map index and try; the last try is in the instance
    /// itself.</summary>
    ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default);

    /// <summary>Backfills, newest first.</summary>
    /// <param name="dagId">Only of this DAG; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default);

    /// <summary>The dates of a backfill in their order.</summary>
    ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default);

    /// <summary>The values a run's tasks pushed.</summary>
    ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default);
}
