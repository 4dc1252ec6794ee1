using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The run before, as tasks that depend on it see it. It may still be going: then its states are read as they are.</summary>
internal sealed class PastRun(long runId, Dag version, Func<string, IReadOnlyList<TaskState>> statesOf)
{
    public long RunId { get; } = runId;

    public bool Allows(DagTask task)
    {
        // A task that the version before did not have has no past.
        if (version.FindTask(task.Id) is not { } before)
        {
            return true;
        }

        return IsGood(before.Id) &&
            (!task.WaitsForDownstream || before.DownstreamNumbers.All(number => IsGood(version.Tasks[number].Id)));
    }

    private bool IsGood(string taskId) => statesOf(taskId) is { Count: > 0 } states &&
        states.All(state => state is TaskState.Success or TaskState.Skipped or TaskState.Removed);
}
