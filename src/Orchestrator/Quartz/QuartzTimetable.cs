using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Schedules;
using Quartz;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>Makes timetables whose instants Quartz computes: business calendars, calendar intervals, recurrence rules.</summary>
/// <remarks>Quartz is asked for fire times and nothing else: no scheduler is started. Results are immutable and thread-safe.</remarks>
public static class QuartzTimetable
{
    private const string KindName = "quartz";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    static QuartzTimetable() => Timetable.AddKind(KindName, Read);

    /// <summary>Lets stored versions of DAGs and <c>dp dag plan</c> read these timetables. Called by every maker here; a program that only reads
    /// calls it at its start.</summary>
    public static void Register()
    {
        // The type's initialiser does it, once.
    }

    /// <summary>Every so many days, weeks, months or years, at the hour of the start.</summary>
    /// <param name="interval">How many; 1 or more.</param>
    /// <param name="unit">Of what.</param>
    /// <param name="start">Where it counts from.</param>
    /// <param name="zone">The IANA time zone.</param>
    /// <param name="calendar">What is excluded; null for nothing.</param>
    /// <param name="isPoint">True: runs have an interval without length.</param>
    /// <exception cref="TimetableException">It cannot be.</exception>
    public static ITimetable Every(
        int interval, IntervalUnit unit, DateTimeOffset start, string zone = "UTC", QuartzCalendar? calendar = null, bool isPoint = false) =>
        Of(new QuartzSchedule
        {
            Kind = QuartzScheduleKind.CalendarInterval,
            Start = start,
            Zone = zone,
            Interval = interval,
            Unit = unit,
            PreservesHour = true,
            Calendar = calendar,
            IsPoint = isPoint,
        });

    /// <summary>A recurrence rule of RFC 5545, for example <c>FREQ=MONTHLY;BYDAY=-1FR</c> for the last Friday of each month.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="start">Its first instant (DTSTART).</param>
    /// <param name="zone">The IANA time zone.</param>
    /// <param name="calendar">What is excluded; null for nothing.</param>
    /// <param name="isPoint">True: runs have an interval without length.</param>
    /// <exception cref="TimetableException">It cannot be.</exception>
    public static ITimetable Recurrence(
        string rule, DateTimeOffset start, string zone = "UTC", QuartzCalendar? calendar = null, bool isPoint = false) => Of(new QuartzSchedule
        {
            Kind = QuartzScheduleKind.Recurrence,
            Start = start,
            Zone = zone,
            Expression = rule,
            Calendar = calendar,
            IsPoint = isPoint,
        });

    /// <summary>Quartz's cron: seconds first, years last, <c>L</c>, <c>W</c>, <c>#</c>; <c>?</c> in one of the two day fields.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="start">It does not fire before.</param>
    /// <param name="zone">The IANA time zone.</param>
    /// <param name="calendar">What is excluded; null for nothing.</param>
    /// <param name="isPoint">True: runs have an interval without length.</param>
    /// <exception cref="TimetableException">It cannot be.</exception>
    public static ITimetable Cron(
        string expression, DateTimeOffset start, string zone = "UTC", QuartzCalendar? calendar = null, bool isPoint = false) =>
        Of(new QuartzSchedule
        {
            Kind = QuartzScheduleKind.Cron,
            Start = start,
            Zone = zone,
            Expression = expression,
            Calendar = calendar,
            IsPoint = isPoint,
        });

    /// <summary>What a trigger of an existing Quartz set-up fires at.</summary>
    /// <param name="trigger">The trigger; read once. Its misfire instruction is not part of it, see <see cref="CatchupOf"/>.</param>
    /// <param name="calendar">The calendar that it names; null for none.</param>
    /// <param name="isPoint">True: runs have an interval without length.</param>
    /// <exception cref="TimetableException">The trigger or the calendar is of a kind that cannot be kept.</exception>
    public static ITimetable From(ITrigger trigger, ICalendar? calendar = null, bool isPoint = false)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return trigger.CalendarName is { Length: > 0 } name && calendar is null
            ? throw new TimetableException($"trigger {trigger.Key} uses the calendar '{name}': give it too.")
            : Of(QuartzTrigger.Read(trigger, calendar is null ? null : QuartzCalendar.Of(calendar), isPoint));
    }

    /// <summary>A timetable from its description.</summary>
    /// <param name="schedule">The description.</param>
    /// <exception cref="TimetableException">It cannot be.</exception>
    public static ITimetable Of(QuartzSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        try
        {
            return new TriggerTimetable(schedule, Write(schedule));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or SchedulerException)
        {
            throw new TimetableException($"Quartz does not take the schedule {schedule.Kind} '{schedule.Expression}': {exception.Message}", exception);
        }
    }

    /// <summary>What a trigger's misfire instruction means for <see cref="Dags.DagBuilder.Schedule"/>.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <returns>True for "ignore misfires", which fires every missed time; false for the others. After a gap the latest missed interval then runs
    /// once, also where Quartz would do nothing: what is complete is not lost.</returns>
    public static bool CatchupOf(ITrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return trigger.MisfireInstructionCode == (int)CronTriggerMisfireInstruction.IgnoreMisfires;
    }

    private static string Write(QuartzSchedule schedule) =>
        JsonSerializer.Serialize(new Document(KindName, schedule with { Start = schedule.Start.ToUniversalTime() }), Json);

    private static ITimetable Read(string specification) => JsonSerializer.Deserialize<Document>(specification, Json) is { Schedule: { } schedule }
        ? Of(schedule)
        : throw new TimetableException($"'{specification}' has no schedule of Quartz.");

    private sealed record Document(string Kind, QuartzSchedule Schedule);
}
