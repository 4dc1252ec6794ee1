using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A DAG as the store knows it, without its model.</summary>
/// <param name="Id">The name.</param>
/// <param name="Hash">The newest version's content hash.</param>
/// <param name="RegisteredAt">When it was first registered.</param>
/// <param name="IsPaused">A paused DAG starts no runs and no tasks.</param>
/// <param name="LastFire">The last fire of its timetable that became a run; null before the first.</param>
/// <param name="ScheduleFault">Why its timetable gives no fires at present; null when it does.</param>
public sealed record DagHead(
    string Id, string Hash, DateTimeOffset RegisteredAt, bool IsPaused, ScheduledFire? LastFire, ScheduleFault? ScheduleFault = null);
