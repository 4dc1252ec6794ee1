namespace DataPlatform.Orchestrator.Schedules;

internal sealed class OnceTimetable(DateTimeOffset instant) : ITimetable
{
    private readonly ScheduledFire _fire = new(DataInterval.At(instant.ToUniversalTime()), instant.ToUniversalTime(),
        instant.ToUniversalTime());

    public string Summary => instant == DateTimeOffset.UnixEpoch ? "once" : $"once at {instant.UtcDateTime:u}";

    public string Specification => TimetableSpecification.Write(new() { Kind = "once", Anchor = instant });

    public bool FiresByClock => true;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => _fire.RunAfter > instant ? _fire : null;

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => _fire.RunAfter <= instant ? _fire : null;
}
