using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Starting: what an earlier process left is taken up where it stood.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Claims the store, registers the DAGs and loads what has not ended. Before the loop runs.</summary>
    public async Task RecoverAsync(IReadOnlyList<Dag> dags, string owner, CancellationToken cancellationToken)
    {
        Check(dags);
        _now = Now();
        _term = await _store.ClaimAsync(owner, cancellationToken).ConfigureAwait(false);
        await _store.RegisterAsync(dags, _now, cancellationToken).ConfigureAwait(false);
        var records = (await _store.ListDagsAsync(cancellationToken).ConfigureAwait(false))
            .ToDictionary(record => record.Id, StringComparer.Ordinal);
        foreach (var dag in dags)
        {
            _dags[dag.Id] = new LiveDag(dag, records[dag.Id]);
        }

        var work = await _store.LoadUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        _nextRunId = work.NextRunId;
        LoadDatasets(work.Datasets);
        LoadBackfills(work);
        await LoadRunsAsync(work, cancellationToken).ConfigureAwait(false);
        Post(Resume);
    }

    private void LoadDatasets(IReadOnlyList<DatasetProgress> stored)
    {
        foreach (var dag in _dags.Values)
        {
            foreach (var dataset in dag.Dag.Datasets?.Datasets ?? [])
            {
                dag.Datasets[dataset] = new DatasetProgress(dag.Dag.Id, dataset, -1, -1);
            }
        }

        foreach (var progress in stored)
        {
            if (_dags.TryGetValue(progress.DagId, out var dag) && dag.Datasets.ContainsKey(progress.Dataset))
            {
                dag.Datasets[progress.Dataset] = progress;
            }
        }
    }

    private async Task LoadRunsAsync(UnfinishedWork work, CancellationToken cancellationToken)
    {
        var tasks = work.Tasks.ToLookup(task => task.Key.RunId);
        var values = work.XComs.ToLookup(value => value.Key.RunId);
        foreach (var record in work.Runs)
        {
            if (!_dags.TryGetValue(record.DagId, out var dag))
            {
                LogForeignRun(record.Id, record.DagId);
                continue;
            }

            var version = await VersionAsync(dag.Dag, record.DagHash, cancellationToken).ConfigureAwait(false);
            var run = new LiveRun(record, dag) { Version = version, Values = new RunValues(record, version) };
            _runs.Add(record.Id, run);
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
    }

    /// <summary>The version a run is pinned to: its structure from the store, its code from the DAG registered now.</summary>
    private async ValueTask<Dag> VersionAsync(Dag registered, string hash, CancellationToken cancellationToken)
    {
        if (registered.Hash == hash)
        {
            return registered;
        }

        var model = await _store.FindModelAsync(hash, cancellationToken).ConfigureAwait(false);
        return model is null ? registered : DagDocument.Read(model, registered);
    }

    /// <summary>The first thing on the loop: cut tries are tried again, timers set, and what became due meanwhile is done.</summary>
    private void Resume()
    {
        foreach (var run in _runs.Values.Where(run => run.Record.State == DagRunState.Running).ToList())
        {
            foreach (var task in run.Graph!.Tasks.ToList())
            {
                Resume(run, task);
            }

            run.Graph.Advance();
            ArmRunTimers(run);
            EndIfDone(run);
        }

        foreach (var backfill in _dags.Values.Select(dag => dag.Backfill).OfType<LiveBackfill>())
        {
            Advance(backfill);
        }

        foreach (var dag in _dags.Values)
        {
            StartWaiting(dag);
            EvaluateDatasets(dag);
            ArmSchedule(dag);
        }
    }

    private void Resume(LiveRun run, LiveTask task)
    {
        switch (task.State)
        {
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

    private void LoseTryOf(LiveRun run, LiveTask task)
    {
        task.EndedAt = _now;
        task.Note = "the process that ran it is gone";
        LogLost(run.Record.DagId, run.Record.Id, task.Definition.Id, task.Try);
        LoseTry(run, task);
    }

    [LoggerMessage(EventId = 3030, Level = LogLevel.Warning,
        Message = "Run {RunId} belongs to DAG {DagId}, which is not registered here: it is left as it is")]
    private partial void LogForeignRun(long runId, string dagId);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning,
        Message = "Task {TaskId} of run {RunId} of DAG {DagId} lost try {Try} with its process")]
    private partial void LogLost(string dagId, long runId, string taskId, int @try);
}
