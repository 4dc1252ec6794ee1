using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Tests;

/// <summary>A store whose n-th commit never answers, having reached the file or not: what a kill of the process looks like from the
/// file.</summary>
internal sealed class DyingStore(IOrchestratorStore inner, int death, bool afterCommit) : IOrchestratorStore
{
    private int _commits;

    public IRunHistory History => inner.History;

    public IAuditLog Audit => inner.Audit;

    public void Kill() => Volatile.Write(ref _commits, int.MaxValue - 1);

    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default)
    {
        var number = _commits == int.MaxValue - 1 ? int.MaxValue : Interlocked.Increment(ref _commits);
        if (number < death)
        {
            await inner.CommitAsync(batch, cancellationToken);
            return;
        }

        if (number == death && afterCommit)
        {
            await inner.CommitAsync(batch, cancellationToken);
        }

        throw new OrchestratorStoreException(ErrorKind.Unavailable, "the process is dead");
    }

    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) =>
        inner.ClaimAsync(owner, cancellationToken);

    public ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        inner.RegisterAsync(dags, now, cancellationToken);

    public ValueTask<UnfinishedWork> LoadUnfinishedAsync(
        IReadOnlyCollection<string>? dagIds = null, CancellationToken cancellationToken = default) =>
        inner.LoadUnfinishedAsync(dagIds, cancellationToken);

    public ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default) => inner.ListUpdatesAsync(datasets, cancellationToken);

    public ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default) =>
        inner.ListDagsAsync(cancellationToken);

    public ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default) =>
        inner.FindModelAsync(hash, cancellationToken);

    public ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default) =>
        inner.FindRunAsync(runId, cancellationToken);

    public ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default) =>
        inner.FindEndedAsync(runIds, cancellationToken);

    public ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default) =>
        inner.FindRunAsync(dagId, idempotencyKey, cancellationToken);

    public ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default) =>
        inner.ListRunsAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default) =>
        inner.ListTaskInstancesAsync(runId, cancellationToken);

    public ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default) =>
        inner.ListTriesAsync(runId, cancellationToken);

    public ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default) =>
        inner.ListXComsAsync(runId, cancellationToken);

    public ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default) =>
        inner.ListBackfillsAsync(dagId, cancellationToken);

    public ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default) =>
        inner.ListBackfillRunsAsync(backfillId, cancellationToken);

    public IStoreRetention Retention => inner.Retention;

    public ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default) =>
        inner.ListPoolsAsync(cancellationToken);

    public ValueTask SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default) =>
        inner.SetPoolAsync(name, slots, description, cancellationToken);

    public ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default) => inner.RemovePoolAsync(name, cancellationToken);

    public ValueTask DisposeAsync() => default;
}
