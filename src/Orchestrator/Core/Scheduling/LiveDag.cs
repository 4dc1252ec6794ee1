using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A registered DAG in the scheduler's memory.</summary>
internal sealed class LiveDag(Dag dag, DagRecord record)
{
    private DateTimeOffset? _staysUntil;

    public Dag Dag { get; } = dag;

    public DateTimeOffset RegisteredAt { get; } = record.RegisteredAt;

    public bool IsPaused { get; set; } = record.IsPaused;

    public ScheduledFire? LastFire { get; set; } = record.LastFire;

    /// <summary>Whether its timetable is this project's, and so may be asked on the loop.</summary>
    public bool HasOwnTimetable { get; } = GuardedTimetable.IsOurs(dag.Timetable);

    /// <summary>Why its timetable gives no fires at present; null when it does.</summary>
    public ScheduleFault? ScheduleFault { get; set; } = record.ScheduleFault;

    /// <summary>Times in a row that its timetable failed.</summary>
    public int ScheduleFailures { get; set; }

    /// <summary>When a timetable that failed is asked again; null when it is not waited for.</summary>
    public DateTimeOffset? AsksAgainAt { get; set; }

    /// <summary>The question to a timetable of somebody else that has no answer yet; also one that was given up. Null for none.</summary>
    public Task? Question { get; set; }

    /// <summary>The fire that is armed; null when there is none or the DAG has its runs full.</summary>
    public ScheduledFire? Armed { get; set; }

    /// <summary>Task instances queued or running, of tasks that have a limit of their own.</summary>
    public Dictionary<string, int> ActiveByTask { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether some task looks at the run before.</summary>
    public bool LooksBack { get; } = dag.Tasks.Any(task => task.DependsOnPast);

    /// <summary>The backfill in progress; at most one.</summary>
    public LiveBackfill? Backfill { get; set; }

    /// <summary>Logical dates after <see cref="LastFire"/> that a backfill made a run for: the schedule passes them over.</summary>
    public HashSet<DateTimeOffset> Filled { get; } = [];

    /// <summary>Runs made here for dates of the timetable: tells whether a list of them is still whole.</summary>
    public long DatedRuns { get; set; }

    /// <summary>Runs in <see cref="Runs.DagRunState.Running"/>.</summary>
    public int ActiveRuns { get; set; }

    /// <summary>Task instances queued or running.</summary>
    public int ActiveTasks { get; set; }

    /// <summary>Runs that wait for their turn, in order of arrival.</summary>
    public Queue<LiveRun> Waiting { get; } = [];

    public Dictionary<DatasetId, DatasetProgress> Datasets { get; } = [];

    /// <summary>Whether another scheduler owns it by now: timers and answers that still come for it do nothing.</summary>
    public bool IsGone { get; set; }

    /// <summary>Until when no task of it is started, so that it can be given to another scheduler; null when it stays.</summary>
    public DateTimeOffset? LeavesBy { get; set; }

    /// <summary>It is wanted elsewhere but did not fall idle: it goes on here for a while before it is asked again.</summary>
    public void Stay(DateTimeOffset until) => (LeavesBy, _staysUntil) = (null, until);

    public bool StaysUntil(DateTimeOffset now) => now < _staysUntil;

    /// <summary>Whether one more run may start now.</summary>
    public bool HasRoom => !IsPaused && ActiveRuns < Dag.MaxActiveRuns;
}
