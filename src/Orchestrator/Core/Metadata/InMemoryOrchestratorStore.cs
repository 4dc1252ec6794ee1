using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Keeps everything in memory: for tests and for hosts that need no history.</summary>
/// <remarks>Thread-safe. It outlives an engine, so a test can "restart" a scheduler on it.</remarks>
public sealed partial class InMemoryOrchestratorStore : IOrchestratorStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, DagRecord> _dags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _models = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, DagRun> _runs = [];
    private readonly Dictionary<(string DagId, DateTimeOffset Date), long> _dates = [];
    private readonly Dictionary<long, SortedDictionary<(int Task, int Map), TaskInstance>> _tasks = [];
    private readonly Dictionary<long, List<TaskInstance>> _tries = [];
    private readonly Dictionary<long, Dictionary<(TaskKey, string), XComValue>> _xcoms = [];
    private readonly Dictionary<(string, DatasetId), DatasetProgress> _datasets = [];
    private readonly Dictionary<DatasetId, UpdatedDataset> _updates = [];
    private readonly SortedDictionary<long, Backfill> _backfills = [];
    private readonly Dictionary<long, SortedDictionary<int, BackfillRun>> _backfillRuns = [];
    private readonly InMemoryAuditLog _audit = new();
    private long _term;

    /// <inheritdoc/>
    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) => Locked(() => ++_term);

    /// <inheritdoc/>
    public ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        lock (_gate)
        {
            foreach (var dag in dags)
            {
                _models[dag.Hash] = dag.Model;
                Remember(dag, now);
                _dags[dag.Id] = _dags.TryGetValue(dag.Id, out var known)
                    ? known with { Hash = dag.Hash, Model = dag.Model }
                    : new DagRecord { Id = dag.Id, Hash = dag.Hash, Model = dag.Model, RegisteredAt = now };
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<UnfinishedWork> LoadUnfinishedAsync(
        IReadOnlyCollection<string>? dagIds = null, CancellationToken cancellationToken = default) => Locked(() =>
    {
        var ids = dagIds?.ToHashSet(StringComparer.Ordinal);
        var runs = _runs.Values.Where(run => !run.State.IsFinal() && ids?.Contains(run.DagId) != false).ToList();
        return new UnfinishedWork(
            runs,
            [.. runs.SelectMany(run => TasksOf(run.Id))],
            [.. runs.SelectMany(run => _xcoms.GetValueOrDefault(run.Id)?.Values.AsEnumerable() ?? [])],
            [.. _datasets.Values],
            (_runs.Count == 0 ? 0 : _runs.Keys.Last()) + 1)
        {
            Dags = [.. _dags.Values.Where(dag => ids?.Contains(dag.Id) != false)],
            Backfills = [.. _backfills.Values.Where(backfill => backfill.EndedAt is null && ids?.Contains(backfill.DagId) != false)],
            BackfillRuns = [.. _backfillRuns.Values.SelectMany(runs => runs.Values)],
            NextBackfillId = (_backfills.Count == 0 ? 0 : _backfills.Keys.Last()) + 1,
        };
    });

    /// <inheritdoc/>
    public ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_gate)
        {
            if (batch.Term != _term)
            {
                throw new OrchestratorStoreException(ErrorKind.Conflict, $"term {batch.Term} is over: term {_term} owns the store now.");
            }

            TakeDates(batch.Runs);
            ApplyRuns(batch);
            ApplyDags(batch);
        }

        return default;
    }

    /// <summary>A date of a timetable has one run, here as in the stores on disk.</summary>
    private void TakeDates(IEnumerable<DagRun> runs)
    {
        foreach (var run in runs.Where(run => run.Kind is DagRunKind.Scheduled or DagRunKind.Backfill))
        {
            if (!_dates.TryAdd((run.DagId, run.LogicalDate), run.Id) && _dates[(run.DagId, run.LogicalDate)] is var other && other != run.Id)
            {
                throw new OrchestratorStoreException(
                    ErrorKind.Conflict, $"runs {other} and {run.Id} of DAG '{run.DagId}' are for the same date {run.LogicalDate:u}.");
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredUpdate>> ListUpdatesAsync(
        IReadOnlyCollection<DatasetId> datasets, CancellationToken cancellationToken = default) => Locked<IReadOnlyList<StoredUpdate>>(() =>
    [
        .. datasets.Where(_updates.ContainsKey).Select(dataset => new StoredUpdate(new DatasetVersion(dataset, _updates[dataset].Newest), _updates[dataset].At)),
    ]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRecord>> ListDagsAsync(CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<DagRecord>>(() => [.. _dags.Values]);

    /// <inheritdoc/>
    public ValueTask<string?> FindModelAsync(string hash, CancellationToken cancellationToken = default) =>
        Locked(() => _models.GetValueOrDefault(hash));

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(long runId, CancellationToken cancellationToken = default) =>
        Locked(() => _runs.GetValueOrDefault(runId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<long, DagRun?>> FindEndedAsync(IReadOnlyCollection<long> runIds, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyDictionary<long, DagRun?>>(() =>
            runIds.Distinct().Select(id => (Id: id, Run: _runs.GetValueOrDefault(id))).Where(found => found.Run?.State.IsFinal() != false)
                .ToDictionary(found => found.Id, found => found.Run));

    /// <inheritdoc/>
    public ValueTask<DagRun?> FindRunAsync(string dagId, string idempotencyKey, CancellationToken cancellationToken = default) =>
        Locked(() => _runs.Values.FirstOrDefault(run => run.DagId == dagId && run.IdempotencyKey == idempotencyKey));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DagRun>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Locked<IReadOnlyList<DagRun>>(() =>
        [
            .. _runs.Values.Reverse()
                .Where(run => query.DagId is null || run.DagId == query.DagId)
                .Where(run => query.State is null || run.State == query.State)
                .Where(run => query.LogicalFrom is null || run.LogicalDate >= query.LogicalFrom)
                .Where(run => query.LogicalTo is null || run.LogicalDate <= query.LogicalTo)
                .Where(run => query.BeforeId is null || run.Id < query.BeforeId)
                .Take(query.Limit),
        ]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTaskInstancesAsync(long runId, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<TaskInstance>>(() => [.. TasksOf(runId)]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInstance>> ListTriesAsync(long runId, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<TaskInstance>>(() =>
        [
            .. _tries.GetValueOrDefault(runId, []).OrderBy(entry => entry.Key.TaskNumber).ThenBy(entry => entry.Key.MapIndex)
                .ThenBy(entry => entry.Try),
        ]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<XComValue>> ListXComsAsync(long runId, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<XComValue>>(() => [.. _xcoms.GetValueOrDefault(runId)?.Values.AsEnumerable() ?? []]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Backfill>> ListBackfillsAsync(string? dagId, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<Backfill>>(() => [.. _backfills.Values.Reverse().Where(backfill => dagId is null || backfill.DagId == dagId)]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BackfillRun>> ListBackfillRunsAsync(long backfillId, CancellationToken cancellationToken = default) =>
        Locked<IReadOnlyList<BackfillRun>>(() => [.. Of(_backfillRuns, backfillId).Values]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    /// <summary>Puts something else in the place of a stored version, for tests of damage.</summary>
    internal void Damage(string hash, string model)
    {
        lock (_gate)
        {
            _models[hash] = model;
        }
    }

    private IEnumerable<TaskInstance> TasksOf(long runId) => _tasks.GetValueOrDefault(runId)?.Values.AsEnumerable() ?? [];

    private void ApplyRuns(StoreBatch batch)
    {
        foreach (var run in batch.Runs)
        {
            _runs[run.Id] = run;
        }

        foreach (var key in batch.TasksDropped)
        {
            Of(_tasks, key.RunId).Remove((key.TaskNumber, key.MapIndex));
        }

        foreach (var task in batch.Tasks)
        {
            Of(_tasks, task.Key.RunId)[(task.Key.TaskNumber, task.Key.MapIndex)] = task;
        }

        foreach (var entry in batch.Tries)
        {
            Of(_tries, entry.Key.RunId).Add(entry);
        }

        foreach (var key in batch.XComsDropped)
        {
            var values = Of(_xcoms, key.RunId);
            foreach (var name in values.Keys.Where(name => name.Item1 == key).ToList())
            {
                values.Remove(name);
            }
        }

        foreach (var value in batch.XComs)
        {
            Of(_xcoms, value.Key.RunId)[(value.Key, value.Name)] = value;
        }
    }

    private void ApplyDags(StoreBatch batch)
    {
        foreach (var (dagId, fire) in batch.Fires)
        {
            _dags[dagId] = _dags[dagId] with { LastFire = fire };
        }

        foreach (var (dagId, fault) in batch.ScheduleFaults)
        {
            _dags[dagId] = _dags[dagId] with { ScheduleFault = fault };
        }

        foreach (var (dagId, isPaused) in batch.Pauses)
        {
            _dags[dagId] = _dags[dagId] with { IsPaused = isPaused };
        }

        foreach (var backfill in batch.Backfills)
        {
            _backfills[backfill.Id] = backfill;
        }

        foreach (var run in batch.BackfillRuns)
        {
            Of(_backfillRuns, run.BackfillId)[run.Ordinal] = run;
        }

        foreach (var progress in batch.Datasets)
        {
            _datasets[(progress.DagId, progress.Dataset)] = progress;
        }

        foreach (var (version, at) in batch.Updates)
        {
            _updates[version.Dataset] = _updates.GetValueOrDefault(version.Dataset).With(version.Version, at);
        }
    }

    private static TValue Of<TValue>(Dictionary<long, TValue> byRun, long runId)
        where TValue : new()
    {
        if (!byRun.TryGetValue(runId, out var value))
        {
            byRun[runId] = value = new TValue();
        }

        return value;
    }

    private ValueTask<T> Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return new ValueTask<T>(read());
        }
    }
}
