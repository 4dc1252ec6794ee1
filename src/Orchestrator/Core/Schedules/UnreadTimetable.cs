namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Stands for a stored timetable that this program cannot read: of a package that is not here, or of the user's own, which was never taught to
/// <see cref="Timetable.AddKind"/>. A run that is pinned to its version goes on without it; only new runs need a timetable.</summary>
internal sealed class UnreadTimetable(string specification, string reason) : ITimetable
{
    public string Summary => $"a timetable that this program cannot read: {reason}";

    public string Specification => specification;

    public bool FiresByClock => false;

    public static ITimetable Read(string specification)
    {
        try
        {
            return Timetable.Parse(specification);
        }
#pragma warning disable CA1031 // Kinds are read by whoever added them: what that throws must not keep an engine from starting.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new UnreadTimetable(specification, exception.Message);
        }
    }

    public ScheduledFire? NextAfter(DateTimeOffset instant) => null;

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => null;
}
