using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Pools set by hand, and what has been kept long enough.</summary>
public sealed partial class InMemoryOrchestratorStore : IStoreRetention
{
    private readonly SortedDictionary<string, (int Slots, string? Description)> _pools = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _removed = [];

    /// <inheritdoc/>
    public IStoreRetention Retention => this;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PoolRecord>> ListPoolsAsync(CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<PoolRecord>>(() =>
        [
            .. _pools.Select(pool => new PoolRecord(pool.Key, pool.Value.Slots, UsedOf(pool.Key), true) { Description = pool.Value.Description }),
        ]);

    /// <inheritdoc/>
    public ValueTask SetPoolAsync(string name, int slots, string? description, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _pools[name] = (slots, description ?? _pools.GetValueOrDefault(name).Description);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemovePoolAsync(string name, CancellationToken cancellationToken = default) =>
        Locked(() => UsedOf(name) == 0 && _pools.Remove(name));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListExpiredRunsAsync(
        DateTimeOffset endedBefore, int keptByDag, int limit, CancellationToken cancellationToken) => Locked<IReadOnlyList<ExpiredRun>>(() =>
    [
        .. _runs.Values.GroupBy(run => run.DagId).SelectMany(runs => runs.OrderByDescending(run => run.Id).Skip(keptByDag))
            .Where(run => run.State.IsFinal() && run.EndedAt < endedBefore).OrderBy(run => run.EndedAt).Take(limit)
            .Select(run => new ExpiredRun(run.Id, run.DagId)),
    ]);

    /// <inheritdoc/>
    ValueTask<int> IStoreRetention.RemoveRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) => Locked(() =>
    {
        var gone = runIds.Where(id => _runs.TryGetValue(id, out var run) && run.State.IsFinal()).ToList();
        foreach (var id in gone)
        {
            _removed[id] = _runs[id].DagId;
            if (_runs[id].Kind is DagRunKind.Scheduled or DagRunKind.Backfill)
            {
                _dates.Remove((_runs[id].DagId, _runs[id].LogicalDate));
            }

            _runs.Remove(id);
        }

        return gone.Count;
    });

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<ExpiredRun>> IStoreRetention.ListRemovedRunsAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<ExpiredRun>>(() =>
        [
            .. _removed.Where(run => run.Key > afterId && !_runs.ContainsKey(run.Key)).Take(limit).Select(run => new ExpiredRun(run.Key, run.Value)),
        ]);

    /// <inheritdoc/>
    ValueTask<int> IStoreRetention.RemoveRestsAsync(IReadOnlyList<long> runIds, int limit, CancellationToken cancellationToken) => Locked(() =>
    {
        var rows = 0;
        foreach (var id in runIds.Where(id => !_runs.ContainsKey(id)))
        {
            rows += (_tasks.Remove(id) ? 1 : 0) + (_tries.Remove(id) ? 1 : 0) + (_xcoms.Remove(id) ? 1 : 0);
        }

        return rows;
    });

    /// <inheritdoc/>
    ValueTask IStoreRetention.ForgetRemovedRunsAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var id in runIds)
            {
                _removed.Remove(id);
            }
        }

        return default;
    }

    /// <inheritdoc/>
    ValueTask<int> IStoreRetention.RemoveRecordsAsync(RetentionCut cut, int limit, CancellationToken cancellationToken) => Locked(() =>
    {
        var gone = _backfills.Values.Where(backfill => backfill.EndedAt < cut.Backfills).Take(limit).Select(backfill => backfill.Id).ToList();
        foreach (var id in gone)
        {
            _backfills.Remove(id);
            _backfillRuns.Remove(id);
        }

        var updates = _updates.Where(update => update.Value.At < cut.Commands).Take(limit).Select(update => update.Key).ToList();
        updates.ForEach(dataset => _updates.Remove(dataset));
        return gone.Count + updates.Count + _audit.Remove(cut.Audit, limit);
    });

    private int UsedOf(string pool) => _runs.Values.Where(run => !run.State.IsFinal()).SelectMany(run => TasksOf(run.Id))
        .Where(task => task.Pool == pool && task.State.HoldsSlots()).Sum(task => task.PoolSlots);
}
