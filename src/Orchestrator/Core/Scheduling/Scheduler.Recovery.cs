using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Starting: what an earlier process left is taken up where it stood.</summary>
internal sealed partial class Scheduler
{
    private readonly Dictionary<string, Dag> _registered = new(StringComparer.Ordinal);

    /// <summary>Claims a store that has one scheduler, registers the DAGs and loads what has not ended. Before the loop runs.</summary>
    public async Task RecoverAsync(IReadOnlyList<Dag> dags, string owner, CancellationToken cancellationToken)
    {
        Register(dags);
        _now = Now();
        var term = await _store.ClaimAsync(owner, cancellationToken).ConfigureAwait(false);
        await _store.RegisterAsync(dags, _now, cancellationToken).ConfigureAwait(false);
        Begin(term);
        foreach (var pool in await _store.ListPoolsAsync(cancellationToken).ConfigureAwait(false))
        {
            SetPool(pool.Name, pool.Slots);
        }

        var adoption = await LoadAsync(null, cancellationToken).ConfigureAwait(false);
        Install(adoption);
        var updates = await _store.ListUpdatesAsync(DatasetsOf(adoption.Dags.Keys), cancellationToken).ConfigureAwait(false);
        Post(() =>
        {
            Resume(adoption);
            SeeStored(updates, null);
        });
    }

    /// <summary>Keeps the DAGs that this process has code for. Before the loop runs.</summary>
    public void Register(IReadOnlyList<Dag> dags)
    {
        Check(dags);
        foreach (var dag in dags)
        {
            _registered[dag.Id] = dag;
        }
    }

    /// <summary>Reads DAGs and what of them has not ended. Off the loop: nothing of them is in its memory yet.</summary>
    private async Task<Adoption> LoadAsync(IReadOnlyCollection<string>? dagIds, CancellationToken cancellationToken)
    {
        var work = await _store.LoadUnfinishedAsync(dagIds, cancellationToken).ConfigureAwait(false);
        var dags = work.Dags.Where(record => _registered.ContainsKey(record.Id))
            .ToDictionary(record => record.Id, record => new LiveDag(_registered[record.Id], record), StringComparer.Ordinal);
        LoadDatasets(work.Datasets, dags);
        LoadBackfills(work, dags);
        await LoadFilledAsync(dags, cancellationToken).ConfigureAwait(false);
        return new Adoption(dags, await LoadRunsAsync(work, dags, cancellationToken).ConfigureAwait(false), work.NextRunId);
    }

    /// <summary>DAGs and runs as they were read.</summary>
    private sealed record Adoption(IReadOnlyDictionary<string, LiveDag> Dags, IReadOnlyList<LiveRun> Runs, long NextRunId);

    /// <summary>Puts what was read into the loop's memory.</summary>
    private void Install(Adoption adoption)
    {
        if (_fleet is null)
        {
            _runIds.StartAt(adoption.NextRunId);
        }

        foreach (var (id, dag) in adoption.Dags)
        {
            _dags[id] = dag;
            AwaitDatasets(dag);
            if (dag.Backfill is { } backfill)
            {
                _backfills.Add(backfill.Record.Id, backfill);
            }
        }

        foreach (var run in adoption.Runs)
        {
            _runs.Add(run.Record.Id, run);
        }
    }

    private static void LoadDatasets(IReadOnlyList<DatasetProgress> stored, Dictionary<string, LiveDag> dags)
    {
        foreach (var dag in dags.Values)
        {
            foreach (var dataset in dag.Dag.Datasets?.Datasets ?? [])
            {
                dag.Datasets[dataset] = new DatasetProgress(dag.Dag.Id, dataset, -1, -1);
            }
        }

        foreach (var progress in stored)
        {
            if (dags.TryGetValue(progress.DagId, out var dag) && dag.Datasets.ContainsKey(progress.Dataset))
            {
                dag.Datasets[progress.Dataset] = progress;
            }
        }
    }

    private async Task<IReadOnlyList<LiveRun>> LoadRunsAsync(
        UnfinishedWork work, Dictionary<string, LiveDag> dags, CancellationToken cancellationToken)
    {
        var tasks = work.Tasks.ToLookup(task => task.Key.RunId);
        var values = work.XComs.ToLookup(value => value.Key.RunId);
        var runs = new List<LiveRun>();
        foreach (var record in work.Runs)
        {
            if (!dags.TryGetValue(record.DagId, out var dag))
            {
                LogForeignRun(record.Id, record.DagId);
                continue;
            }

            if (await FindVersionAsync(dag.Dag, record.DagHash, cancellationToken).ConfigureAwait(false) is not { } version)
            {
                LogUnreadableRun(record.Id, record.DagId, record.DagHash);
                continue;
            }

            var run = new LiveRun(record, dag) { Version = version, Values = new RunValues(record, version) };
            runs.Add(run);
            foreach (var value in values[record.Id])
            {
                run.Values.Set(value);
            }

            if (dag.LooksBack)
            {
                run.Values.Past = await FindPastAsync(run, cancellationToken).ConfigureAwait(false);
            }

            // A run that was cleared waits for its turn with tasks that had ended before.
            if (record.State == DagRunState.Running || tasks[record.Id].Any())
            {
                Load(run, tasks[record.Id]);
            }

            if (record.State == DagRunState.Queued)
            {
                dag.Waiting.Enqueue(run);
            }
            else
            {
                dag.ActiveRuns += record.Kind == DagRunKind.Backfill ? 0 : 1;
            }
        }

        return runs;
    }

    /// <summary>The version a run is pinned to: its structure from the store, its code from the DAG registered now. Null for one that cannot be
    /// read: it is damaged, or of a newer program.</summary>
    private async ValueTask<Dag?> FindVersionAsync(Dag registered, string hash, CancellationToken cancellationToken)
    {
        if (registered.Hash == hash)
        {
            return registered;
        }

        var model = await _store.FindModelAsync(hash, cancellationToken).ConfigureAwait(false);
        try
        {
            return model is null ? registered : DagDocument.Read(model, registered);
        }
        catch (Exception exception) when (
            exception is DataPlatformException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            LogUnreadableVersion(registered.Id, hash, exception);
            return null;
        }
    }

    /// <summary>Takes up what was read: cut tries are tried again, timers set, and what became due meanwhile is done. Before anything else
    /// happens to it, on the loop.</summary>
    private void Resume(Adoption adoption)
    {
        foreach (var run in adoption.Runs.Where(run => !run.Dag.IsGone))
        {
            ResumeDeadline(run);
        }

        foreach (var run in adoption.Runs.Where(run => run is { Record.State: DagRunState.Running, Dag.IsGone: false }))
        {
            foreach (var task in run.Graph!.Tasks.ToList())
            {
                Resume(run, task);
            }

            run.Graph.Advance();
            ArmRunTimers(run);
            EndIfDone(run);
        }

        foreach (var dag in adoption.Dags.Values.Where(dag => !dag.IsGone))
        {
            if (dag.Backfill is { } backfill)
            {
                Advance(backfill);
            }

            StartWaiting(dag);
            EvaluateDatasets(dag);
            ArmSchedule(dag);
        }
    }

    private void Resume(LiveRun run, LiveTask task)
    {
        switch (task.State)
        {
            case TaskState.Queued or TaskState.Running when Outlives(task):
                Account(run, task, TaskState.None);
                HandOver(run, task, _executors[task.Executor!]);
                break;
            case TaskState.Queued or TaskState.Running:
                // The slots it held were the dead process's; take them so that losing the try gives them back.
                Account(run, task, TaskState.None);
                LoseTryOf(run, task);
                break;
            case TaskState.Deferred:
                LoseTryOf(run, task);
                break;
            case TaskState.Ready:
                Offer(run, task);
                break;
            case TaskState.RetryWait or TaskState.RescheduleWait:
                ArmWake(run, task);
                break;
            default:
                break;
        }
    }

    private bool Outlives(LiveTask task) =>
        task.Executor is { } name && _executors.TryGetValue(name, out var executor) && executor.Outlives;

    private void LoseTryOf(LiveRun run, LiveTask task)
    {
        task.EndedAt = _now;
        task.Note = "the process that ran it is gone";
        TellLost(run, task);
        LogLost(run.Record.DagId, run.Record.Id, task.Definition.Id, task.Try);
        LoseTry(run, task, waits: false);
    }

    [LoggerMessage(EventId = 3030, Level = LogLevel.Warning,
        Message = "Run {RunId} belongs to DAG {DagId}, which is not registered here: it is left as it is")]
    private partial void LogForeignRun(long runId, string dagId);

    [LoggerMessage(EventId = 3032, Level = LogLevel.Error,
        Message = "Run {RunId} of DAG {DagId} is pinned to version {Hash}, which cannot be read: it is left as it is")]
    private partial void LogUnreadableRun(long runId, string dagId, string hash);

    [LoggerMessage(EventId = 3033, Level = LogLevel.Error, Message = "Version {Hash} of DAG {DagId} cannot be read")]
    private partial void LogUnreadableVersion(string dagId, string hash, Exception exception);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning,
        Message = "Task {TaskId} of run {RunId} of DAG {DagId} lost try {Try} with its process")]
    private partial void LogLost(string dagId, long runId, string taskId, int @try);
}
