namespace DataPlatform.Orchestrator.Schedules;

/// <summary>One time a timetable asks for a run. Three instants that are easily confused, so each has its name.</summary>
/// <param name="Interval">The data it is about.</param>
/// <param name="LogicalDate">The run's name in time: the interval's start for interval timetables, the instant itself for point-in-time
/// ones.</param>
/// <param name="RunAfter">The earliest start: normally the interval's end, when its data is complete.</param>
public readonly record struct ScheduledFire(DataInterval Interval, DateTimeOffset LogicalDate, DateTimeOffset RunAfter);
