using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>All of a DAG but its tasks.</summary>
internal sealed record DagSettings(string Id)
{
    public string Description { get; init; } = string.Empty;

    public string Version { get; init; } = string.Empty;

    public ITimetable Timetable { get; init; } = Schedules.Timetable.Manual;

    public bool Catchup { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DatasetCondition? Datasets { get; init; }

    public IReadOnlyList<string> Events { get; init; } = [];

    public int Weight { get; init; } = 1;

    public int MaxActiveRuns { get; init; } = DagLimits.DefaultMaxActiveRuns;

    public int MaxActiveTasks { get; init; } = DagLimits.DefaultMaxActiveTasks;

    public TimeSpan? RunTimeout { get; init; }

    public int MaxActiveTasksPerRun { get; init; } = DagLimits.DefaultMaxActiveTasks;

    public TimeSpan? Deadline { get; init; }

    public IReadOnlyList<DagParam> Params { get; init; } = [];

    public IReadOnlyList<MappedGroup> MappedGroups { get; init; } = [];

    public IReadOnlyList<Diagnostics.INotifier> Notifiers { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];
}
