namespace DataPlatform.Orchestrator.Schedules;

internal sealed class UnionTimetable : ITimetable, ISeededTimetable
{
    private readonly ITimetable[] _parts;

    public UnionTimetable(IReadOnlyList<ITimetable> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts.Count, 1);
        _parts = [.. parts];
    }

    public IReadOnlyList<ITimetable> Parts => _parts;

    public string Summary => string.Join(" or ", _parts.Select(part => part.Summary));

    public string Specification =>
        TimetableSpecification.Write(new() { Kind = "union", Parts = [.. _parts.Select(part => part.Specification)] });

    public bool FiresByClock => _parts.Any(part => part.FiresByClock);

    /// <summary>That of the part which fires.</summary>
    public TimeZoneInfo ZoneOf(ScheduledFire fire) => PartOf(fire).ZoneOf(fire);

    public DateTimeOffset NominalOf(ScheduledFire fire) => PartOf(fire).NominalOf(fire);

    public ITimetable Seeded(uint seed) =>
        new UnionTimetable([.. _parts.Select(part => part is ISeededTimetable seeded ? seeded.Seeded(seed) : part)]);

    /// <summary>The earliest by RunAfter; where parts agree, the one with the earliest logical date, so one run covers them.</summary>
    public ScheduledFire? NextAfter(DateTimeOffset instant) =>
        _parts.Select(part => part.NextAfter(instant)).Where(fire => fire is not null)
            .OrderBy(fire => fire!.Value.RunAfter).ThenBy(fire => fire!.Value.LogicalDate).FirstOrDefault();

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) =>
        _parts.Select(part => part.LatestAtOrBefore(instant)).Where(fire => fire is not null)
            .OrderByDescending(fire => fire!.Value.RunAfter).ThenBy(fire => fire!.Value.LogicalDate).FirstOrDefault();

    private ITimetable PartOf(ScheduledFire fire) => Array.Find(_parts, part => part.LatestAtOrBefore(fire.RunAfter) == fire) ?? _parts[0];
}
