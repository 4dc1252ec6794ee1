using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A task in a pool's queue. It is stale when the task has left <see cref="TaskState.Ready"/> since.</summary>
internal sealed class ReadyTask(LiveRun run, LiveTask task)
{
    private readonly DateTimeOffset? _readyAt = task.ReadyAt;
    private readonly long _epoch = task.Epoch;

    public LiveRun Run { get; } = run;

    public LiveTask Task { get; } = task;

    /// <summary>How often it was passed over because it needs more slots than were free.</summary>
    public int Skips { get; set; }

    public bool IsStale => Run.Dag.IsGone || Task.State != TaskState.Ready || Task.ReadyAt != _readyAt || Task.Epoch != _epoch;

    /// <summary>Whether its task or run has its own limit full; others of its DAG may still start.</summary>
    public bool IsHeldBack => Run.ActiveTasks >= Run.Version.MaxActiveTasksPerRun || IsHeldBackByTask || IsHeldBackInRun;

    public bool IsHeldBackByTask =>
        Task.Definition.MaxActive > 0 && Run.Dag.ActiveByTask.GetValueOrDefault(Task.Definition.Id) >= Task.Definition.MaxActive;

    public bool IsHeldBackInRun =>
        Task.Definition.MaxActivePerRun > 0 && Run.ActiveByTask.GetValueOrDefault(Task.Key.TaskNumber) >= Task.Definition.MaxActivePerRun;

    /// <summary>How many tasks like it may start before its task or run has its own limit full.</summary>
    public int Room => Math.Min(
        Run.Version.MaxActiveTasksPerRun - Run.ActiveTasks,
        Math.Min(
            Task.Definition.MaxActive > 0 ? Task.Definition.MaxActive - Run.Dag.ActiveByTask.GetValueOrDefault(Task.Definition.Id) : int.MaxValue,
            Task.Definition.MaxActivePerRun > 0
                ? Task.Definition.MaxActivePerRun - Run.ActiveByTask.GetValueOrDefault(Task.Key.TaskNumber)
                : int.MaxValue));

    public bool MayStart => !Run.Dag.IsPaused && Run.Dag.LeavesBy is null && Run.Dag.ActiveTasks < Run.Dag.Dag.MaxActiveTasks;

    public (DateTimeOffset LogicalDate, long RunId, int Number, int MapIndex) Order =>
        (Run.Record.LogicalDate, Task.Key.RunId, Task.Key.TaskNumber, Task.Key.MapIndex);
}
