using System.Globalization;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Starts each run of a DAG a constant while later; intervals and logical dates stay what they are.</summary>
internal sealed class JitterTimetable : ITimetable, ISeededTimetable
{
    private readonly ITimetable _inner;
    private readonly TimeSpan _max;
    private readonly uint? _seed;
    private readonly TimeSpan _offset;

    public JitterTimetable(ITimetable inner, TimeSpan max, uint? seed)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, TimeSpan.FromDays(1));
        if (inner is OnceTimetable or ManualTimetable or JitterTimetable)
        {
            throw new TimetableException($"a timetable that is {inner.Summary} is not spread by jitter.");
        }

        (_inner, _max, _seed) = (inner, max, seed);
        _offset = TimeSpan.FromSeconds((seed ?? 0) % (uint)max.TotalSeconds);
    }

    public ITimetable Inner => _inner;

    public string Summary =>
        $"{_inner.Summary} {(_seed is null ? $"up to {Text(_max)} later" : $"{Text(_offset)} later (jitter of {Text(_max)})")}";

    public string Specification => TimetableSpecification.Write(
        new() { Kind = "jitter", PeriodMs = _max.TotalMilliseconds, Seed = _seed, Parts = [_inner.Specification] });

    public bool FiresByClock => true;

    public ITimetable Seeded(uint seed) => new JitterTimetable(_inner is ISeededTimetable inner ? inner.Seeded(seed) : _inner, _max, seed);

    public TimeZoneInfo ZoneOf(ScheduledFire fire) => _inner.ZoneOf(Moved(fire, -_offset));

    public DateTimeOffset NominalOf(ScheduledFire fire) => _inner.NominalOf(Moved(fire, -_offset));

    public ScheduledFire? NextAfter(DateTimeOffset instant) => Later(_inner.NextAfter(Earlier(instant)));

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Later(_inner.LatestAtOrBefore(Earlier(instant)));

    private static string Text(TimeSpan span) => span.ToString("c", CultureInfo.InvariantCulture);

    private static ScheduledFire Moved(ScheduledFire fire, TimeSpan by) => fire with { RunAfter = fire.RunAfter + by };

    private ScheduledFire? Later(ScheduledFire? fire) => fire is { } found && found.RunAfter <= DateTimeOffset.MaxValue - _offset
        ? Moved(found, _offset)
        : null;

    private DateTimeOffset Earlier(DateTimeOffset instant) =>
        instant.UtcTicks > _offset.Ticks ? instant - _offset : DateTimeOffset.MinValue;
}
