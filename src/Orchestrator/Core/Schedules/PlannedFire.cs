namespace DataPlatform.Orchestrator.Schedules;

/// <summary>One line of a plan: a fire, its local time, and what daylight saving did to it.</summary>
/// <param name="Fire">The fire.</param>
/// <param name="Local">RunAfter in the timetable's own zone; UTC where it has none.</param>
/// <param name="Note">What is unusual; null when nothing is.</param>
public sealed record PlannedFire(ScheduledFire Fire, DateTimeOffset Local, string? Note);
