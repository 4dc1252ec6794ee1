namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Fires whenever a part does. Its intervals lie end to end, each from the fire before, of whichever part: intervals of the parts would lie
/// over each other, and logical dates would go back, for which fires would be left out. With a part that fires at points all fires are points.</summary>
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
    public TimeZoneInfo ZoneOf(ScheduledFire fire)
    {
        var (part, own) = PartOf(fire);
        return part.ZoneOf(own);
    }

    public DateTimeOffset NominalOf(ScheduledFire fire)
    {
        var (part, own) = PartOf(fire);
        return part.NominalOf(own);
    }

    public ITimetable Seeded(uint seed) =>
        new UnionTimetable([.. _parts.Select(part => part is ISeededTimetable seeded ? seeded.Seeded(seed) : part)]);

    /// <summary>The earliest by RunAfter; where parts agree, one run covers them.</summary>
    public ScheduledFire? NextAfter(DateTimeOffset instant) => Joined(_parts.Select(part => part.NextAfter(instant)).OfType<ScheduledFire>()
        .OrderBy(fire => fire.RunAfter).ThenBy(fire => fire.LogicalDate));

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Joined(_parts.Select(part => part.LatestAtOrBefore(instant)).OfType<ScheduledFire>()
        .OrderByDescending(fire => fire.RunAfter).ThenBy(fire => fire.LogicalDate));

    private ScheduledFire? Joined(IEnumerable<ScheduledFire> inOrder)
    {
        foreach (var fire in inOrder.Take(1))
        {
            if (fire.Interval.Start == fire.Interval.End)
            {
                return fire;
            }

            // A part is one or the other: any fire of it tells.
            var end = fire.Interval.End;
            if (_parts.Any(part => (part.LatestAtOrBefore(fire.RunAfter) ?? part.NextAfter(fire.RunAfter)) is { } any
                && any.Interval.Start == any.Interval.End))
            {
                return new ScheduledFire(DataInterval.At(end), end, fire.RunAfter);
            }

            var start = _parts.Select(part => part.LatestAtOrBefore(fire.RunAfter.AddTicks(-1))).OfType<ScheduledFire>()
                .Select(before => before.Interval.End).Where(before => before < end).Append(fire.Interval.Start).Max();
            return new ScheduledFire(new DataInterval(start, end), start, fire.RunAfter);
        }

        return null;
    }

    /// <summary>The part that fires, and its own fire.</summary>
    private (ITimetable Part, ScheduledFire Own) PartOf(ScheduledFire fire)
    {
        foreach (var part in _parts)
        {
            if (part.LatestAtOrBefore(fire.RunAfter) is { } own && own.RunAfter == fire.RunAfter)
            {
                return (part, own);
            }
        }

        return (_parts[0], fire);
    }
}
