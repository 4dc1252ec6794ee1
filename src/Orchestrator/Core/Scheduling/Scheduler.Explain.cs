using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>"Why is it not running?"</summary>
internal sealed partial class Scheduler
{
    /// <summary>A reason for each instance of a run, of one task, or for one instance, that has not ended. On the loop.</summary>
    public IReadOnlyList<TaskExplanation> Explain(long runId, string? taskId = null, int? mapIndex = null)
    {
        if (!_runs.TryGetValue(runId, out var run))
        {
            return [];
        }

        if (run.Record.State == DagRunState.Queued)
        {
            var why = run.Dag.IsPaused
                ? $"DAG {run.Dag.Dag.Id} is paused"
                : $"DAG {run.Dag.Dag.Id} has {run.Dag.ActiveRuns} of {run.Dag.Dag.MaxActiveRuns} active runs";
            return [.. run.Version.Tasks.Where(task => taskId is null || task.Id == taskId).Select(task => new TaskExplanation(task.Id, -1, TaskState.None, WaitCause.RunNotStarted, why))];
        }

        return
        [
            .. run.Graph!.Nodes.Where(node => taskId is null || node.Task.Id == taskId).SelectMany(node => node.Instances
                .Where(task => !task.State.IsFinal() && (mapIndex is null || task.Key.MapIndex == mapIndex || task.Key.MapIndex < 0))
                .Select(task => Explain(run, node, task))),
        ];
    }

    private TaskExplanation Explain(LiveRun run, TaskNode node, LiveTask task)
    {
        var (cause, text) = task.State switch
        {
            TaskState.None => ExplainNone(run, node, task),
            TaskState.Ready => ExplainReady(run, task),
            TaskState.Queued => (WaitCause.Executor, $"executor {task.Executor} has it since {task.QueuedAt:u} and has not begun"),
            TaskState.RetryWait => (WaitCause.Timer, task.InfrastructureFailures > 0
                ? $"{task.Failures} failures of {task.Definition.Retries + 1} and {task.InfrastructureFailures} lost tries; the next is at {task.WakeAt:u}"
                : $"failure {task.Failures} of {task.Definition.Retries + 1}; the next try is at {task.WakeAt:u}"),
            TaskState.RescheduleWait => (WaitCause.Timer, $"the sensor looks again at {task.WakeAt:u}"),
            TaskState.Deferred or TaskState.AwaitingInput => (WaitCause.Event, "what it waits for has not come"),
            _ => (WaitCause.Running, $"it runs since {task.StartedAt:u}"),
        };
        return new TaskExplanation(task.Definition.Id, task.Key.MapIndex, task.State, cause, text);
    }

    private static (WaitCause, string) ExplainNone(LiveRun run, TaskNode node, LiveTask task)
    {
        if (node.Group is { Touched: 0, AreListsFinal: false } group)
        {
            var sources = string.Join(", ", group.Definition.Map.TaskIds);
            return (WaitCause.Upstream, $"its group {group.Definition.Id} waits for what it is mapped over: {sources}");
        }

        var counts = node.Upstream.Plus(task.Inside);
        return TriggerRules.Decide(node.Task.Rule, counts) == TriggerDecision.Run && !run.Values.PastAllows(node.Task)
            ? (WaitCause.PastRun, "the same task of the run before has not succeeded")
            : (WaitCause.Upstream,
                $"rule {node.Task.Rule}: of {counts.Total} upstream {counts.Success} succeeded, {counts.Failed} failed, " +
                $"{counts.Skipped} were skipped, {counts.UpstreamFailed} are upstream_failed");
    }

    private (WaitCause, string) ExplainReady(LiveRun run, LiveTask task)
    {
        var pool = _pools[task.Definition.Pool];
        var ready = new ReadyTask(run, task);
        return task switch
        {
            _ when _isDraining => (WaitCause.Stopping, "the engine is stopping"),
            _ when run.Dag.IsPaused => (WaitCause.Paused, $"DAG {run.Dag.Dag.Id} is paused"),
            _ when !ready.MayStart =>
                (WaitCause.Limit, $"DAG {run.Dag.Dag.Id} has {run.Dag.ActiveTasks} of {run.Dag.Dag.MaxActiveTasks} active tasks"),
            _ when ready.IsHeldBackInRun => (
                WaitCause.Limit,
                $"{run.ActiveByTask.GetValueOrDefault(task.Key.TaskNumber)} of {task.Definition.MaxActivePerRun} instances of the task " +
                "are active in the run"),
            _ when ready.IsHeldBackByTask => (
                WaitCause.Limit,
                    $"{run.Dag.ActiveByTask.GetValueOrDefault(task.Definition.Id)} of {task.Definition.MaxActive} instances of the task are active"),
            _ when ready.IsHeldBack =>
                (WaitCause.Limit, $"the run has {run.ActiveTasks} of {run.Version.MaxActiveTasksPerRun} active tasks"),
            _ => (WaitCause.Pool, ExplainPool(pool, run, task)),
        };
    }

    private static string ExplainPool(TaskPool pool, LiveRun run, LiveTask task)
    {
        var needs = $"it needs {task.Definition.PoolSlots} slots; pool {pool.Name} has {pool.Free} of {pool.Slots} free, {pool.Waiting} wait";
        if (pool.Reserved is { } holder && holder.Task != task)
        {
            return $"{needs}; it is kept free for task {holder.Task.Definition.Id} of run {holder.Task.Key.RunId} of DAG {holder.Run.Dag.Dag.Id}, " +
                $"which needs {holder.Task.Definition.PoolSlots} and was passed over {holder.Skips} times, until {pool.ReservedUntil:u}";
        }

        if (pool.Reserved is not null)
        {
            return $"{needs}; it is kept free for this task until {pool.ReservedUntil:u}";
        }

        var (higher, dags) = pool.Before(task.Definition.Priority);
        return $"{needs}, {higher} of them with a higher priority" +
            (dags > 1 ? $"; {dags} DAGs take turns by their shares, {run.Dag.Dag.Id} has weight {run.Dag.Dag.Weight}" : string.Empty);
    }
}
