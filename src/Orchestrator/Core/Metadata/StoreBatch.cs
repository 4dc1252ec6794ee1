using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What one step of a scheduler changed, to be written in one transaction. Images replace; history is appended.</summary>
public sealed class StoreBatch
{
    /// <summary>The term the scheduler got from <see cref="IOrchestratorStore.ClaimAsync"/>; a store where it is over refuses the
    /// batch.</summary>
    public required long Term { get; init; }

    /// <summary>New and changed runs.</summary>
    public List<DagRun> Runs { get; } = [];

    /// <summary>New and changed task instances.</summary>
    public List<TaskInstance> Tasks { get; } = [];

    /// <summary>Task instances that a run no longer has, because it adopted another version; before <see cref="Tasks"/> are written. Their tries
    /// stay.</summary>
    public List<TaskKey> TasksDropped { get; } = [];

    /// <summary>Tries that ended and whose row in <see cref="Tasks"/> now tells of a later one.</summary>
    public List<TaskInstance> Tries { get; } = [];

    /// <summary>Values pushed.</summary>
    public List<XComValue> XComs { get; } = [];

    /// <summary>Task instances whose values are dropped, before <see cref="XComs"/> are written.</summary>
    public List<TaskKey> XComsDropped { get; } = [];

    /// <summary>Last fires of timetables.</summary>
    public List<(string DagId, ScheduledFire Fire)> Fires { get; } = [];

    /// <summary>Timetables that stopped giving fires, or with null give them again.</summary>
    public List<(string DagId, ScheduleFault? Fault)> ScheduleFaults { get; } = [];

    /// <summary>DAGs paused or resumed.</summary>
    public List<(string DagId, bool IsPaused)> Pauses { get; } = [];

    /// <summary>Dataset versions seen and consumed.</summary>
    public List<DatasetProgress> Datasets { get; } = [];

    /// <summary>Datasets that successes of tasks in this step updated; of several for one dataset the newest counts.</summary>
    public List<StoredUpdate> Updates { get; } = [];

    /// <summary>New and changed backfills.</summary>
    public List<Backfill> Backfills { get; } = [];

    /// <summary>New and changed dates of backfills; of several for one date the last counts.</summary>
    public List<BackfillRun> BackfillRuns { get; } = [];

    /// <summary>Answers to commands; of several to one command the first counts.</summary>
    public List<CommandAnswer> Answers { get; } = [];

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty =>
        Runs.Count + Tasks.Count + TasksDropped.Count + Tries.Count + XComs.Count + XComsDropped.Count + Fires.Count + ScheduleFaults.Count +
        Pauses.Count + Datasets.Count + Updates.Count + Backfills.Count + BackfillRuns.Count + Answers.Count == 0;
}
