using DataPlatform.Orchestrator.Metadata;
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

    private static readonly int[] Weights = [.. Enum.GetValues<TaskState>().Select(state => Array.IndexOf(ByWeight, state))];

    /// <summary>The one of two states that matters more.</summary>
    public static TaskState Worse(TaskState one, TaskState other) => Weights[(int)one] <= Weights[(int)other] ? one : other;

    /// <summary>The state of each task of a run, by task number.</summary>
    public static Dictionary<int, TaskState> ByTask(IEnumerable<TaskStateCount> counts)
    {
        var states = new Dictionary<int, TaskState>();
        foreach (var count in counts)
        {
            states[count.TaskNumber] = states.TryGetValue(count.TaskNumber, out var known) ? Worse(known, count.State) : count.State;
        }

        return states;
    }

    /// <summary>The style sheet's colour of a state; see <c>console.css</c>.</summary>
    public static string Colour(TaskState state) => $"var(--s{(int)state})";

    /// <summary>The badge class of a task's state.</summary>
    public static string Badge(TaskState state) => $"badge t{(int)state}";

    /// <summary>The badge class of a run's state.</summary>
    public static string Badge(DagRunState state) => state switch
    {
        DagRunState.Success => "badge good",
        DagRunState.Failed or DagRunState.Cancelled => "badge bad",
        DagRunState.Running => "badge run",
        _ => "badge wait",
    };

    /// <summary>The badge class of a backfill's state.</summary>
    public static string Badge(BackfillState state) => state switch
    {
        BackfillState.Completed => "badge good",
        BackfillState.Cancelled => "badge bad",
        BackfillState.Running => "badge run",
        _ => "badge warn",
    };

    /// <summary>The bar class of a run's state.</summary>
    public static string Bar(DagRunState state) => $"r{(int)state}";
}
