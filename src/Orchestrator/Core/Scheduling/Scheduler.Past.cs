using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Tasks that depend on the run before.</summary>
internal sealed partial class Scheduler
{
    /// <summary>How many earlier runs are looked through for the one before.</summary>
    private const int PastRunsMax = 200;

    /// <summary>
    /// The run before: with catch-up the scheduled run of the next lower logical date, else the run of any kind whose earliest start came before, so
    /// that dates of a backfill follow each other though newer runs were made between them. From the store; a run that is still going is looked at
    /// as it goes.
    /// </summary>
    private async Task<PastRun?> FindPastAsync(LiveRun run, CancellationToken cancellationToken)
    {
        if (IsFirstOfBackfill(run))
        {
            return null;
        }

        var made = new RunQuery { DagId = run.Record.DagId, BeforeId = run.Record.Id, Limit = PastRunsMax };
        var dated = new RunQuery { DagId = run.Record.DagId, LogicalTo = run.Record.LogicalDate, Limit = PastRunsMax };
        IEnumerable<DagRun> earlier =
        [
            .. await _store.ListRunsAsync(made, cancellationToken).ConfigureAwait(false),
            .. await _store.ListRunsAsync(dated, cancellationToken).ConfigureAwait(false),
        ];
        if (Before(run, earlier) is not { } before)
        {
            return null;
        }

        if (await FindVersionAsync(run.Dag.Dag, before.DagHash, cancellationToken).ConfigureAwait(false) is not { } version)
        {
            return null;
        }

        var tasks = await _store.ListTaskInstancesAsync(before.Id, cancellationToken).ConfigureAwait(false);
        var stored = tasks.ToLookup(task => task.TaskId, task => task.State);
        return new PastRun(before.Id, version, taskId => _runs.TryGetValue(before.Id, out var live) && live.Graph is { } graph
            && graph.Dag.FindTask(taskId) is { } task
            ? [.. graph.Nodes[task.Number].Instances.Select(instance => instance.State)]
            : LastKnown(before.Id, taskId) ?? [.. stored[taskId]]);
    }

    private static DagRun? Before(LiveRun run, IEnumerable<DagRun> others) => run.Version.Catchup
        ? others.Where(other => other.Kind is DagRunKind.Scheduled or DagRunKind.Backfill && other.LogicalDate < run.Record.LogicalDate)
            .MaxBy(other => other.LogicalDate)
        : others.Where(other => (other.RunAfter, other.Id).CompareTo((run.Record.RunAfter, run.Record.Id)) < 0)
            .MaxBy(other => (other.RunAfter, other.Id));

    /// <summary>Runs whose run before is being read.</summary>
    private int _looking;

    /// <summary>States of a run that ended while a later one looked at it.</summary>
    private readonly Dictionary<long, Dictionary<string, IReadOnlyList<TaskState>>> _endedStates = [];

    /// <summary>How many they are.</summary>
    public int RememberedRuns => _endedStates.Count;

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
        if (_looksBack.Count == 0)
        {
            return;
        }

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

        ForgetStates();
    }

    /// <summary>States that no run looks at any more go: a run that begins later reads them from the store.</summary>
    private void ForgetStates()
    {
        if (_endedStates.Count == 0 || _looking > 0)
        {
            return;
        }

        var needed = PastsOf(_runs.Values);
        foreach (var runId in _endedStates.Keys.Where(runId => !needed.Contains(runId)).ToList())
        {
            _endedStates.Remove(runId);
        }
    }

    private static HashSet<long> PastsOf(IEnumerable<LiveRun> runs) => [.. runs.Select(run => run.Values.Past?.RunId).OfType<long>()];
}
