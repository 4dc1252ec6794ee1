namespace DataPlatform.Orchestrator.Runs;

/// <summary>The one table of allowed steps between task states, used by the scheduler, the stores and the pages. Pure.</summary>
public static class TaskTransitions
{
    private static readonly TaskState[] Live =
        [TaskState.None, TaskState.Ready, TaskState.Queued, TaskState.Running, TaskState.Deferred, TaskState.RetryWait,
            TaskState.RescheduleWait, TaskState.AwaitingInput];

    private static readonly ushort[] Allowed = Build();

    /// <summary>The states in order of their number.</summary>
    public static IReadOnlyList<TaskState> All { get; } = Enum.GetValues<TaskState>();

    /// <summary>Whether the scheduler has nothing more to do for a task in this state.</summary>
    /// <param name="state">The state.</param>
    public static bool IsFinal(this TaskState state) => state >= TaskState.Success;

    /// <summary>Whether a task in this state holds slots of its pool.</summary>
    /// <param name="state">The state.</param>
    public static bool HoldsSlots(this TaskState state) => state is TaskState.Queued or TaskState.Running;

    /// <summary>Whether a step is in the table. Staying where one is is no step.</summary>
    /// <param name="from">The state before.</param>
    /// <param name="to">The state after.</param>
    public static bool IsAllowed(TaskState from, TaskState to) => (Allowed[(int)from] & (1 << (int)to)) != 0;

    private static ushort[] Build()
    {
        var table = new ushort[Enum.GetValues<TaskState>().Length];

        // The way of a try.
        Allow(table, TaskState.None, TaskState.Ready, TaskState.Skipped, TaskState.UpstreamFailed, TaskState.Removed);
        Allow(table, TaskState.Ready, TaskState.Queued, TaskState.Running, TaskState.Skipped, TaskState.UpstreamFailed, TaskState.Removed,
            TaskState.None);
        Allow(table, TaskState.Queued, TaskState.Running);
        foreach (var going in new[] { TaskState.Queued, TaskState.Running, TaskState.Deferred })
        {
            Allow(table, going, TaskState.Success, TaskState.Failed, TaskState.Skipped, TaskState.RetryWait, TaskState.Ready);
        }

        Allow(table, TaskState.Running, TaskState.Deferred, TaskState.RescheduleWait, TaskState.AwaitingInput);
        Allow(table, TaskState.RetryWait, TaskState.Ready, TaskState.Failed);
        Allow(table, TaskState.RescheduleWait, TaskState.Ready, TaskState.Failed);
        Allow(table, TaskState.AwaitingInput, TaskState.Ready, TaskState.Success, TaskState.Failed, TaskState.Skipped);

        // By hand: cancel or mark what is live, clear what has ended, correct a verdict.
        foreach (var live in Live)
        {
            Allow(table, live, TaskState.Cancelled, TaskState.Success, TaskState.Failed, TaskState.Skipped);
        }

        foreach (var final in Enum.GetValues<TaskState>().Where(IsFinal))
        {
            Allow(table, final, TaskState.None, TaskState.Removed);
            Allow(table, final, [.. new[] { TaskState.Success, TaskState.Failed, TaskState.Skipped }.Where(to => to != final)]);
        }

        table[(int)TaskState.Removed] &= unchecked((ushort)~(1 << (int)TaskState.Removed));
        return table;
    }

    private static void Allow(ushort[] table, TaskState from, params TaskState[] targets)
    {
        foreach (var to in targets)
        {
            table[(int)from] |= (ushort)(1 << (int)to);
        }
    }
}
