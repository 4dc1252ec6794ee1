using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What people look at.</summary>
public sealed partial class InMemoryOrchestratorStore : IRunHistory
{
    private readonly Dictionary<string, List<DagVersionRecord>> _versions = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IRunHistory History => this;

    /// <inheritdoc/>
    public IAuditLog Audit => _audit;

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagHead>> IRunHistory.ListHeadsAsync(CancellationToken cancellationToken) => Locked<IReadOnlyList<DagHead>>(() =>
        [.. _dags.Values.Select(dag => new DagHead(dag.Id, dag.Hash, dag.RegisteredAt, dag.IsPaused, dag.LastFire, dag.ScheduleFault))]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagRun>> IRunHistory.ListRecentRunsAsync(
        IReadOnlyList<string> dagIds, int limit, CancellationToken cancellationToken) => Locked<IReadOnlyList<DagRun>>(() =>
        [.. dagIds.SelectMany(dagId => _runs.Values.Reverse().Where(run => run.DagId == dagId).Take(limit))]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DayCount>> IRunHistory.CountByDayAsync(
        string dagId, DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken) => Locked<IReadOnlyList<DayCount>>(() =>
        [
            .. _runs.Values.Where(run => run.DagId == dagId)
                .GroupBy(run => (Day: DateOnly.FromDateTime(run.LogicalDate.UtcDateTime), run.State))
                .Where(group => group.Key.Day >= firstDay && group.Key.Day <= lastDay)
                .OrderBy(group => group.Key.Day).ThenBy(group => group.Key.State)
                .Select(group => new DayCount(group.Key.Day, group.Key.State, group.Count())),
        ]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskStateCount>> IRunHistory.CountTaskStatesAsync(IReadOnlyList<long> runIds, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<TaskStateCount>>(() =>
        [
            .. runIds.Order().SelectMany(TasksOf).GroupBy(task => (task.Key.RunId, task.Key.TaskNumber, task.State))
                .OrderBy(group => group.Key.RunId).ThenBy(group => group.Key.TaskNumber).ThenBy(group => group.Key.State)
                .Select(group => new TaskStateCount(group.Key.RunId, group.Key.TaskNumber, group.Key.State, group.Count())),
        ]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTasksAsync(TaskQuery query, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<TaskInstance>>(() =>
        [
            .. TasksOf(query.RunId)
                .Where(task => query.TaskId is null || task.TaskId == query.TaskId)
                .Where(task => query.MapIndex is null || task.Key.MapIndex == query.MapIndex)
                .Where(task => query.State is null || task.State == query.State)
                .Where(task => query.After is not { } after || (task.Key.TaskNumber, task.Key.MapIndex).CompareTo(after) > 0)
                .Take(query.Limit),
        ]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<TaskInstance>> IRunHistory.ListTriesAsync(TaskKey key, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<TaskInstance>>(() =>
            [.. _tries.GetValueOrDefault(key.RunId, []).Where(entry => entry.Key == key).OrderBy(entry => entry.Try).Take(IRunHistory.LimitMax)]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<XComValue>> IRunHistory.ListXComsAsync(
        long runId, int taskNumber, int? mapIndex, CancellationToken cancellationToken) => Locked<IReadOnlyList<XComValue>>(() =>
        [
            .. (_xcoms.GetValueOrDefault(runId)?.Values.AsEnumerable() ?? [])
                .Where(value => value.Key.TaskNumber == taskNumber && (mapIndex is null || value.Key.MapIndex == mapIndex))
                .OrderBy(value => value.Key.MapIndex).ThenBy(value => value.Name, StringComparer.Ordinal),
        ]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DagVersionRecord>> IRunHistory.ListVersionsAsync(
        string dagId, DateTimeOffset? before, int limit, CancellationToken cancellationToken) => Locked<IReadOnlyList<DagVersionRecord>>(() =>
        [
            .. _versions.GetValueOrDefault(dagId, []).Where(version => before is null || version.RegisteredAt < before)
                .OrderByDescending(version => version.RegisteredAt).Take(limit),
        ]);

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<Backfill>> IRunHistory.ListBackfillsAsync(
        string? dagId, long? beforeId, int limit, CancellationToken cancellationToken) => Locked<IReadOnlyList<Backfill>>(() =>
        [
            .. _backfills.Values.Reverse().Where(backfill => dagId is null || backfill.DagId == dagId)
                .Where(backfill => beforeId is null || backfill.Id < beforeId).Take(limit),
        ]);

    /// <inheritdoc/>
    ValueTask<Backfill?> IRunHistory.FindBackfillAsync(long backfillId, CancellationToken cancellationToken) =>
        Locked(() => _backfills.GetValueOrDefault(backfillId));

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<BackfillRun>> IRunHistory.ListBackfillRunsAsync(
        long backfillId, int? afterOrdinal, int limit, CancellationToken cancellationToken) => Locked<IReadOnlyList<BackfillRun>>(() =>
        [.. DatesOf(backfillId).Where(run => afterOrdinal is null || run.Ordinal > afterOrdinal).Take(limit)]);

    /// <inheritdoc/>
    ValueTask<BackfillProgress> IRunHistory.CountBackfillRunsAsync(long backfillId, CancellationToken cancellationToken) => Locked(() =>
    {
        var dates = DatesOf(backfillId).ToLookup(run => run.State);
        var good = dates[BackfillRunState.Done].Count(run => run.RunId is { } id && _runs.GetValueOrDefault(id)?.State == DagRunState.Success);
        return new BackfillProgress(
            dates[BackfillRunState.Pending].Count(), dates[BackfillRunState.Running].Count(), good,
            dates[BackfillRunState.Done].Count() - good, dates[BackfillRunState.Skipped].Count());
    });

    /// <inheritdoc/>
    ValueTask<IReadOnlyList<DatasetProgress>> IRunHistory.ListDatasetProgressAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<DatasetProgress>>(() =>
            [.. _datasets.Values.OrderBy(progress => progress.DagId, StringComparer.Ordinal).ThenBy(progress => progress.Dataset.Name, StringComparer.Ordinal)]);

    private IEnumerable<BackfillRun> DatesOf(long backfillId) => _backfillRuns.GetValueOrDefault(backfillId)?.Values.AsEnumerable() ?? [];

    private void Remember(Dag dag, DateTimeOffset now)
    {
        if (!_versions.TryGetValue(dag.Id, out var versions))
        {
            _versions[dag.Id] = versions = [];
        }

        if (versions.TrueForAll(version => version.Hash != dag.Hash))
        {
            versions.Add(new DagVersionRecord(dag.Hash, now));
        }
    }
}
