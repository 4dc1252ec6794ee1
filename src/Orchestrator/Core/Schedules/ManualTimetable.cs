namespace DataPlatform.Orchestrator.Schedules;

internal sealed class ManualTimetable : ITimetable
{
    public string Summary => "manual";

    public string Specification => TimetableSpecification.Write(new() { Kind = "manual" });

    public bool FiresByClock => false;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => null;

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => null;
}
