using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Clearing and marking, also in runs that have ended and are no longer in memory.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Ended runs that are being read, to be cleared.</summary>
    private readonly HashSet<long> _reloading = [];

    /// <summary>Does something to a run on the loop: in memory while it goes, else after reading it from the store.</summary>
    private async Task<int> WithRunAsync(long runId, Func<LiveRun, int> live, Func<LiveRun, int> ended, CancellationToken cancellationToken)
    {
        while (true)
        {
            var done = await AskAsync<int?>(() => _runs.TryGetValue(runId, out var run) ? live(run) : (int?)null, cancellationToken)
                .ConfigureAwait(false);
            if (done is { } count)
            {
                return count;
            }

            var loaded = await LoadEndedAsync(runId, cancellationToken).ConfigureAwait(false)
                ?? throw new OrchestratorException(ErrorKind.Invalid, $"there is no run {runId} of a DAG in this engine.");
            done = await AskAsync<int?>(
                () => loaded.Dag.IsGone ? throw new DagElsewhereException(loaded.Dag.Dag.Id)
                    : _runs.ContainsKey(runId) ? null : ended(loaded), cancellationToken).ConfigureAwait(false);
            if (done is { } endedCount)
            {
                return endedCount;
            }
        }
    }

    private async Task<LiveRun?> LoadEndedAsync(long runId, CancellationToken cancellationToken)
    {
        var record = await _store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (record is null)
        {
            return null;
        }

        if (!_dags.TryGetValue(record.DagId, out var dag))
        {
            return _fleet is null ? null : throw new DagElsewhereException(record.DagId);
        }

        var version = await FindVersionAsync(dag.Dag, record.DagHash, cancellationToken).ConfigureAwait(false) ?? throw new OrchestratorException(
            ErrorKind.Corrupt, $"run {runId} is pinned to version {record.DagHash} of DAG '{record.DagId}', which cannot be read.");
        var run = new LiveRun(record, dag) { Version = version, Values = new RunValues(record, version) };
        foreach (var value in await _store.ListXComsAsync(runId, cancellationToken).ConfigureAwait(false))
        {
            run.Values.Set(value);
        }

        Load(run, await _store.ListTaskInstancesAsync(runId, cancellationToken).ConfigureAwait(false));
        return run;
    }

    /// <summary>A run that goes keeps its state and its start.</summary>
    private int Clear(LiveRun run, ClearRequest request)
    {
        if (run.Graph is not { } graph)
        {
            return 0;
        }

        var count = ClearTasks(run, ClearSelection.Of(graph, request));
        if (run.Record.State == DagRunState.Running)
        {
            graph.Advance();
            EndIfDone(run);
        }

        return count;
    }

    /// <summary>A run that had ended waits for its turn again.</summary>
    private int ClearEnded(LiveRun run, ClearRequest request)
    {
        var count = ClearTasks(run, ClearSelection.Of(run.Graph!, request));
        if (count > 0)
        {
            QueueAgain(run);
        }

        return count;
    }

    private int ClearTasks(LiveRun run, IReadOnlyList<LiveTask> tasks)
    {
        foreach (var task in tasks.Where(task => task.QueuedAt is not null))
        {
            Batch.Tries.Add(
                (task.State.IsFinal() ? task.ToInstance() : task.ToInstance() with { State = TaskState.Cancelled, EndedAt = _now }));
        }

        run.Graph!.Clear(tasks);
        foreach (var task in tasks)
        {
            task.Reset();
            run.Values.Drop(task.Definition.Id, task.Key.MapIndex);
            Batch.XComsDropped.Add(task.Key);
        }

        return tasks.Count;
    }

    private int Mark(LiveRun run, string taskId, int? mapIndex, TaskState state)
    {
        var definition = run.Version.Task(taskId);
        if (run.Graph is not { } graph)
        {
            throw new OrchestratorException(ErrorKind.Conflict, $"run {run.Record.Id} has not started.");
        }

        var hasEnded = run.Record.State.IsFinal();
        var tasks = graph.Nodes[definition.Number].Instances.Where(task => task.State != TaskState.Removed)
            .Where(task => mapIndex is null || task.Key.MapIndex == mapIndex).ToList();
        if (tasks.Find(task => task.State != state && !TaskTransitions.IsAllowed(task.State, state)) is { } fixedTask)
        {
            throw new OrchestratorException(ErrorKind.Conflict, $"task '{taskId}' is {fixedTask.State} and cannot be marked {state}.");
        }

        foreach (var task in tasks.Where(task => task.State != state))
        {
            task.Note = $"marked {state} by hand";
            task.EndedAt ??= _now;
            graph.Move(task, state);
        }

        var released = state is TaskState.Success or TaskState.Skipped ? ClearSelection.HeldBackBy(graph, definition) : [];
        ClearTasks(run, released);
        if (!hasEnded)
        {
            graph.Advance();
            EndIfDone(run);
        }
        else if (released.Count > 0)
        {
            QueueAgain(run);
        }
        else
        {
            run.Record = run.Record with { State = graph.Verdict() };
            RememberStates(run);
            MarkDirty(run);
        }

        return tasks.Count;
    }

    private void QueueAgain(LiveRun run)
    {
        run.Record = run.Record with { State = DagRunState.Queued, StartedAt = null, EndedAt = null, Note = null };
        _endedStates.Remove(run.Record.Id);
        _runs.Add(run.Record.Id, run);
        MarkDirty(run);
        ArmDeadline(run);
        Wait(run);
    }
}
