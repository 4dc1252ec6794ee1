using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A registered DAG in the scheduler's memory.</summary>
internal sealed class LiveDag(Dag dag, DagRecord record)
{
    public Dag Dag { get; } = dag;

    public DateTimeOffset RegisteredAt { get; } = record.RegisteredAt;

    public bool IsPaused { get; set; } = record.IsPaused;

    public ScheduledFire? LastFire { get; set; } = record.LastFire;

    /// <summary>The fire that is armed; null when there is none or the DAG has its runs full.</summary>
    public ScheduledFire? Armed { get; set; }

    /// <summary>Task instances queued or running, of tasks that have a limit of their own.</summary>
    public Dictionary<string, int> ActiveByTask { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some task looks at the run before.</summary>
    public bool LooksBack { get; } = dag.Tasks.Any(task => task.DependsOnPast);

    /// <summary>The backfill in progress; at most one.</summary>
    public LiveBackfill? Backfill { get; set; }

    /// <summary>Runs in <see cref="Runs.DagRunState.Running"/>.</summary>
    public int ActiveRuns { get; set; }

    /// <summary>Task instances queued or running.</summary>
    public int ActiveTasks { get; set; }

    /// <summary>Runs that wait for their turn, in order of arrival.</summary>
    public Queue<LiveRun> Waiting { get; } = [];

    public Dictionary<DatasetId, DatasetProgress> Datasets { get; } = [];

    /// <summary>Whether one more run may start now.</summary>
    public bool HasRoom => !IsPaused && ActiveRuns < Dag.MaxActiveRuns;
}
