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

    public bool IsStale => Task.State != TaskState.Ready || Task.ReadyAt != _readyAt || Task.Epoch != _epoch;

    public bool MayStart => !Run.Dag.IsPaused && Run.Dag.ActiveTasks < Run.Dag.Dag.MaxActiveTasks;

    public (DateTimeOffset LogicalDate, long RunId, int Number, int MapIndex) Order =>
        (Run.Record.LogicalDate, Task.Key.RunId, Task.Key.TaskNumber, Task.Key.MapIndex);
}
