using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Tasks that depend on the run before.</summary>
internal sealed partial class Scheduler
{
    /// <summary>How many earlier runs are looked through for the one before.</summary>
    private const int PastRunsMax = 200;

    /// <summary>
    /// The run before: with catch-up the scheduled run of the next lower logical date, else the run of any kind made before. From the
    /// store;
    /// a run that is still going is looked at as it goes.
    /// </summary>
    private async Task<PastRun?> FindPastAsync(LiveRun run, CancellationToken cancellationToken)
    {
        if (IsFirstOfBackfill(run))
        {
            return null;
        }

        var earlier = await _store.ListRunsAsync(
            new RunQuery { DagId = run.Record.DagId, BeforeId = run.Record.Id, Limit = PastRunsMax }, cancellationToken).ConfigureAwait(
                false);
        var before = run.Version.Catchup
            ? earlier.Where(other => other.Kind is DagRunKind.Scheduled or DagRunKind.Backfill
                && other.LogicalDate < run.Record.LogicalDate)
                .MaxBy(other => other.LogicalDate)
            : earlier.Count > 0 ? earlier[0] : null;
        if (before is null)
        {
            return null;
        }

        if (await FindVersionAsync(run.Dag.Dag, before.DagHash, cancellationToken).ConfigureAwait(false) is not { } version)
        {
            return null;
        }

        var tasks = await _store.ListTaskInstancesAsync(before.Id, cancellationToken).ConfigureAwait(false);
        var stored = tasks.ToLookup(task => task.TaskId, task => task.State);
        return new PastRun(version, taskId => _runs.TryGetValue(before.Id, out var live) && live.Graph is { } graph
            && graph.Dag.FindTask(taskId) is { } task
            ? [.. graph.Nodes[task.Number].Instances.Select(instance => instance.State)]
            : LastKnown(before.Id, taskId) ?? [.. stored[taskId]]);
    }

    /// <summary>States of a run that ended while a later one looked at it.</summary>
    private readonly Dictionary<long, Dictionary<string, IReadOnlyList<TaskState>>> _endedStates = [];

    private IReadOnlyList<TaskState>? LastKnown(long runId, string taskId) =>
        _endedStates.TryGetValue(runId, out var states) ? states.GetValueOrDefault(taskId) : null;

    private void RememberStates(LiveRun run)
    {
        if (run.Dag.LooksBack && run.Graph is { } graph)
        {
            _endedStates[run.Record.Id] = graph.Nodes.ToDictionary(
                node => node.Task.Id, node => (IReadOnlyList<TaskState>)[.. node.Instances.Select(task => task.State)],
                    StringComparer.Ordinal);
            _looksBack.Add(run.Dag);
        }
    }

    /// <summary>A task ended in a DAG whose runs look back: its other runs decide again.</summary>
    private void AdvanceThoseThatLookBack()
    {
        while (_looksBack.Count > 0)
        {
            var dags = _looksBack.ToList();
            _looksBack.Clear();
            foreach (var run in _runs.Values.Where(run => run.Record.State == DagRunState.Running && dags.Contains(run.Dag)).ToList())
            {
                run.Graph!.Advance();
                EndIfDone(run);
            }
        }
    }
}
