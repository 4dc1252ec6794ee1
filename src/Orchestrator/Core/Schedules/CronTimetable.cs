using Cronos;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Cron by Cronos, which defines what happens around daylight saving.</summary>
internal sealed class CronTimetable : ITimetable, ISeededTimetable
{
    private static readonly DateTimeOffset Earliest = DateTimeOffset.MinValue.AddDays(2);
    private static readonly DateTimeOffset Latest = DateTimeOffset.MaxValue.AddDays(-2);

    private readonly string _text;
    private readonly bool _isPoint;
    private readonly CronDialect _dialect;
    private readonly uint? _seed;
    private readonly CronExpression[] _expressions;
    private readonly TimeZoneInfo _zone;

    public CronTimetable(string expression, string zone, bool isPoint, CronDialect dialect = CronDialect.Cronos, uint? seed = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        ArgumentException.ThrowIfNullOrWhiteSpace(zone);
        _text = expression.Trim();
        _isPoint = isPoint;
        _dialect = dialect;
        _seed = CronExpressions.HasChoice(_text) ? seed : null;
        _zone = FindZone(zone);
        _expressions = CronExpressions.Parse(_text, dialect, _seed);
    }

    public string Summary => $"cron '{_text}' in {_zone.Id}{(_dialect == CronDialect.Vixie ? " (vixie)" : string.Empty)}";

    public string Specification => TimetableSpecification.Write(new()
    {
        Kind = _isPoint ? "cron-point" : "cron",
        Expression = _text,
        Zone = _zone.Id,
        Dialect = _dialect == CronDialect.Cronos ? null : _dialect,
        Seed = _seed,
    });

    public bool FiresByClock => true;

    public TimeZoneInfo ZoneOf(ScheduledFire fire) => _zone;

    public ITimetable Seeded(uint seed) =>
        CronExpressions.HasChoice(_text) ? new CronTimetable(_text, _zone.Id, _isPoint, _dialect, seed) : this;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => Ending(Occurrence(instant));

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) =>
        Ending(Previous(instant, inclusive: true)) is { } fire && fire.RunAfter <= instant ? fire : null;

    private ScheduledFire? Ending(DateTimeOffset? end)
    {
        if (end is not { } instant)
        {
            return null;
        }

        if (_isPoint)
        {
            return new ScheduledFire(DataInterval.At(instant), instant, instant);
        }

        // The very first occurrence of an expression has no predecessor; its interval has no start, so it is no fire.
        return Previous(instant, inclusive: false) is { } start
            ? new ScheduledFire(new DataInterval(start, instant), start, instant)
            : NextAfter(instant);
    }

    /// <summary>Near the ends of the calendar a zone's clock would show a time that is none.</summary>
    private static DateTimeOffset Inside(DateTimeOffset instant) => instant < Earliest ? Earliest : instant > Latest ? Latest : instant;

    private DateTimeOffset? Occurrence(DateTimeOffset after)
    {
        if (after >= Latest)
        {
            return null;
        }

        after = Inside(after);
        DateTimeOffset? first = null;
        foreach (var expression in _expressions)
        {
            var found = expression.GetNextOccurrence(after, _zone)?.ToUniversalTime();
            first = first is null || found < first ? found ?? first : first;
        }

        return first;
    }

    private DateTimeOffset? Previous(DateTimeOffset before, bool inclusive)
    {
        before = Inside(before);
        DateTimeOffset? last = null;
        foreach (var expression in _expressions)
        {
            var found = Previous(expression, before, inclusive);
            last = last is null || found > last ? found ?? last : last;
        }

        return last;
    }

    /// <summary>
    /// The last occurrence before an instant. Looking back over a skipped hour, Cronos names the second before the clocks jump, at which
    /// nothing occurs; so what it finds is held against looking forward, which is what fires.
    /// </summary>
    private DateTimeOffset? Previous(CronExpression expression, DateTimeOffset before, bool inclusive)
    {
        var limit = inclusive ? before.AddTicks(1) : before;
        while (expression.GetPreviousOccurrence(before, _zone, inclusive)?.ToUniversalTime() is { } found && found > Earliest)
        {
            if (Next(found.AddTicks(-1)) is { } real && real < limit)
            {
                while (Next(real) is { } next && next < limit)
                {
                    real = next;
                }

                return real;
            }

            (before, inclusive) = (found, false);
        }

        return null;

        DateTimeOffset? Next(DateTimeOffset after) => expression.GetNextOccurrence(after, _zone)?.ToUniversalTime();
    }

    private static TimeZoneInfo FindZone(string zone)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(zone);
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new TimetableException(
                $"the time zone '{zone}' is not known on this machine: give an IANA name such as Europe/Berlin, and install tzdata.",
                    exception);
        }
    }
}
