using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web;

/// <summary>One state for all instances of a mapped task: the one that matters most to somebody who looks.</summary>
internal static class StateRollup
{
    private static readonly TaskState[] ByWeight =
    [
        TaskState.Failed, TaskState.UpstreamFailed, TaskState.Cancelled, TaskState.Running, TaskState.RetryWait, TaskState.Queued,
            TaskState.Deferred,
        TaskState.RescheduleWait, TaskState.AwaitingInput, TaskState.Ready, TaskState.None, TaskState.Success, TaskState.Skipped,
            TaskState.Removed,
    ];

    public static Dictionary<string, TaskState> ByTask(IEnumerable<TaskInstance> tasks) => tasks.GroupBy(task => task.TaskId)
        .ToDictionary(group => group.Key, group => group.Select(task => task.State).MinBy(state => Array.IndexOf(ByWeight, state)));

    /// <summary>The design tokens' colour of a state.</summary>
    public static string Colour(TaskState state) => state switch
    {
        TaskState.Success => "var(--good)",
        TaskState.Failed or TaskState.Cancelled => "var(--bad)",
        TaskState.UpstreamFailed or TaskState.RetryWait => "var(--warn)",
        TaskState.Running => "var(--accent)",
        TaskState.Skipped => "var(--cat-3)",
        TaskState.None or TaskState.Removed => "var(--empty)",
        _ => "var(--wait)",
    };

    /// <summary>The badge class of a run's state.</summary>
    public static string Badge(DagRunState state) => state switch
    {
        DagRunState.Success => "badge good",
        DagRunState.Failed or DagRunState.Cancelled => "badge bad",
        _ => "badge wait",
    };

    /// <summary>The colour of a run's state.</summary>
    public static string Colour(DagRunState state) => state switch
    {
        DagRunState.Success => "var(--good)",
        DagRunState.Failed or DagRunState.Cancelled => "var(--bad)",
        DagRunState.Running => "var(--accent)",
        _ => "var(--wait)",
    };
}
