using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Where DAG versions, runs and task instances are kept.</summary>
/// <remarks>
/// Thread-safe. Writes are atomic by call and durable when they return. A scheduler first claims the store and gets a term; a later claim
/// fences the earlier one, so a scheduler that was frozen cannot write over its successor.
/// </remarks>
public interface IOrchestratorStore : IAsyncDisposable
{
    /// <summary>What people look at.</summary>
    IRunHistory History { get; }

    /// <summary>Who did what by hand.</summary>
    IAuditLog Audit { get; }

    /// <summary>Makes the caller the store's scheduler.</summary>
    /// <param name="owner">A name for people, for example host and process id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A term larger than all before.</returns>
    /// <exception cref="OrchestratorStoreException">Conflict: another live process holds it.</exception>
    ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default);

    /// <summary>How often the owner must renew its claim; null where a claim holds as long as the process.</summary>
    TimeSpan? RenewEvery => null;

    /// <summary>Renews a claim.</summary>
    /// <exception cref="OrchestratorStoreException">Conflict: the term is over.</exception>
    ValueTask RenewAsync(long term, CancellationToken cancellationToken = default) => default;

    /// <summary>Gives a claim back, so that a successor need not wait for it to run out.</summary>
    ValueTask ReleaseAsync(long term, CancellationToken cancellationToken = default) => default;

    /// <summary>Records DAGs and their versions. Known ones keep their pause, first registration and last fire.</summary>
    /// <param name="dags">The DAGs of this process.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>All that has not ended.</summary>
    ValueTask<UnfinishedWork> LoadUnfinishedAsync(CancellationToken cancellationToken = default);

    /// <summary>Writes one step.</summary>
    /// <exception cref="OrchestratorStoreException">Conflict: a newer term exists, nothing was written.</exception>
    ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default);

    /// <summary>All DAGs by name.</summary>
    ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default);

    /// <summary>The structure of a DAG version, or null.</summary>
    /// <param name="hash">Its content hash.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>A run, or null.</summary>
    ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default);

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
