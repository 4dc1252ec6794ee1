namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Makes timetables.</summary>
public static class Timetable
{
    /// <summary>Never fires: runs are started by hand or by datasets.</summary>
    public static ITimetable Manual { get; } = new ManualTimetable();

    /// <summary>A cron expression whose runs are about the interval between two of its instants and start at the later one.</summary>
    /// <param name="expression">Five fields, or six with seconds first; macros such as <c>@daily</c>. Day of month and day of week are
    /// both required where both are set, unless the dialect says otherwise. <c>H</c> is a value that the DAG's name chooses, the same in every
    /// process.</param>
    /// <param name="zone">The IANA time zone; daylight saving follows Cronos: a skipped time fires once after the gap, a repeated one at
    /// its first pass.</param>
    /// <param name="dialect">What day of month and day of week mean together.</param>
    /// <exception cref="TimetableException">The expression or the zone cannot be read.</exception>
    public static ITimetable Cron(string expression, string zone = "UTC", CronDialect dialect = CronDialect.Cronos) =>
        new CronTimetable(expression, zone, isPoint: false, dialect);

    /// <summary>A cron expression whose runs start at its instants and have an interval without length.</summary>
    /// <param name="expression">As for <see cref="Cron"/>.</param>
    /// <param name="zone">As for <see cref="Cron"/>.</param>
    /// <param name="dialect">As for <see cref="Cron"/>.</param>
    /// <exception cref="TimetableException">The expression or the zone cannot be read.</exception>
    public static ITimetable CronPoint(string expression, string zone = "UTC", CronDialect dialect = CronDialect.Cronos) =>
        new CronTimetable(expression, zone, isPoint: true, dialect);

    /// <summary>Spreads DAGs with the same timetable: each starts its runs a constant while later, which its name chooses. Data intervals and
    /// logical dates stay those of the timetable.</summary>
    /// <param name="timetable">One that fires again and again.</param>
    /// <param name="max">The while is shorter than this; 1 s to 1 day, in whole seconds.</param>
    /// <exception cref="TimetableException">The timetable fires at most once, or is spread already.</exception>
    public static ITimetable Jitter(ITimetable timetable, TimeSpan max) => new JitterTimetable(timetable, max, seed: null);

    /// <summary>Several timetables as one: it fires whenever one of them does, once where they agree. A run is about the time since the fire before,
    /// of whichever of them; where one of them fires at points, all fires are points.</summary>
    /// <param name="timetables">Two or more.</param>
    public static ITimetable Union(params ITimetable[] timetables) => new UnionTimetable(timetables);

    /// <summary>Equal intervals, aligned to an anchor.</summary>
    /// <param name="period">The length; 1 ms or more.</param>
    /// <param name="anchor">An instant where an interval begins; null for 1970-01-01 UTC.</param>
    public static ITimetable Every(TimeSpan period, DateTimeOffset? anchor = null) =>
        new PeriodTimetable(period, anchor ?? DateTimeOffset.UnixEpoch);

    /// <summary>Intervals of whole months in UTC. A day that a month lacks becomes its last day, and the next step starts from the
    /// anchor's day again.</summary>
    /// <param name="months">The length in months; 1 or more.</param>
    /// <param name="anchor">An instant where an interval begins.</param>
    public static ITimetable EveryMonths(int months, DateTimeOffset anchor) => new MonthTimetable(months, anchor);

    /// <summary>Fires once.</summary>
    /// <param name="instant">When; an instant in the past fires at registration.</param>
    public static ITimetable OnceAt(DateTimeOffset instant) => new OnceTimetable(instant);

    /// <summary>Fires once, when the DAG is first registered.</summary>
    public static ITimetable Once() => new OnceTimetable(DateTimeOffset.UnixEpoch);

    /// <summary>Lets <see cref="Parse"/> read timetables of another package.</summary>
    /// <param name="kind">The value of <c>kind</c> in their specifications.</param>
    /// <param name="read">Reads a whole specification; throws <see cref="TimetableException"/> for one it cannot read.</param>
    public static void AddKind(string kind, Func<string, ITimetable> read)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        ArgumentNullException.ThrowIfNull(read);
        TimetableSpecification.AddKind(kind, read);
    }

    /// <summary>Reads what <see cref="ITimetable.Specification"/> wrote.</summary>
    /// <param name="specification">The JSON.</param>
    /// <exception cref="TimetableException">It is not a timetable's specification.</exception>
    public static ITimetable Parse(string specification) => TimetableSpecification.Read(specification);
}
