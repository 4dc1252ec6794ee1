using Cronos;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Cron by Cronos, which defines what happens around daylight saving.</summary>
internal sealed class CronTimetable : ITimetable
{
    private readonly string _text;
    private readonly bool _isPoint;
    private readonly CronExpression _expression;
    private readonly TimeZoneInfo _zone;

    public CronTimetable(string expression, string zone, bool isPoint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        ArgumentException.ThrowIfNullOrWhiteSpace(zone);
        _text = expression.Trim();
        _isPoint = isPoint;
        _zone = FindZone(zone);
        _expression = ParseExpression(_text);
    }

    public string Summary => $"cron '{_text}' in {_zone.Id}";

    public string Specification =>
        TimetableSpecification.Write(new() { Kind = _isPoint ? "cron-point" : "cron", Expression = _text, Zone = _zone.Id });

    public bool FiresByClock => true;

    internal TimeZoneInfo Zone => _zone;

    public ScheduledFire? NextAfter(DateTimeOffset instant) => Ending(Occurrence(instant));

    public ScheduledFire? LatestAtOrBefore(DateTimeOffset instant) => Ending(Previous(instant, inclusive: true));

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

    private DateTimeOffset? Occurrence(DateTimeOffset after) => _expression.GetNextOccurrence(after, _zone)?.ToUniversalTime();

    /// <summary>
    /// The last occurrence before an instant. Looking back over a skipped hour, Cronos names the second before the clocks jump, at which
    /// nothing occurs; so what it finds is held against looking forward, which is what fires.
    /// </summary>
    private DateTimeOffset? Previous(DateTimeOffset before, bool inclusive)
    {
        var limit = inclusive ? before.AddTicks(1) : before;
        while (_expression.GetPreviousOccurrence(before, _zone, inclusive)?.ToUniversalTime() is { } found)
        {
            if (Occurrence(found.AddTicks(-1)) is { } real && real < limit)
            {
                while (Occurrence(real) is { } next && next < limit)
                {
                    real = next;
                }

                return real;
            }

            (before, inclusive) = (found, false);
        }

        return null;
    }

    private static CronExpression ParseExpression(string text)
    {
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        try
        {
            return CronExpression.Parse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
        }
        catch (CronFormatException exception)
        {
            throw new TimetableException($"the cron expression '{text}' cannot be read: {exception.Message}", exception);
        }
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
