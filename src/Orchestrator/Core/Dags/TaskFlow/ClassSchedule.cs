using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Reads the schedule of a <see cref="DagAttribute"/>.</summary>
internal static class ClassSchedule
{
    private const string Every = "every ";

    /// <exception cref="TimetableException">A line or the zone cannot be read.</exception>
    /// <exception cref="ArgumentException">An interval is no duration.</exception>
    public static ITimetable? Read(DagAttribute settings)
    {
        ITimetable[] timetables = [.. settings.MoreSchedules.Prepend(settings.Schedule).OfType<string>()
            .Select(line => Read(line, settings))];
        if (timetables.Length == 0)
        {
            return null;
        }

        var timetable = timetables.Length == 1 ? timetables[0] : Timetable.Union(timetables);
        return settings.Jitter is { } jitter ? Timetable.Jitter(timetable, ClassReader.Duration(jitter)) : timetable;
    }

    private static ITimetable Read(string line, DagAttribute settings) => line == "@once" ? Timetable.Once()
        : line.StartsWith(Every, StringComparison.Ordinal) ? Timetable.Every(ClassReader.Duration(line[Every.Length..]))
        : settings.IsPoint ? Timetable.CronPoint(line, settings.Zone, settings.Dialect)
        : Timetable.Cron(line, settings.Zone, settings.Dialect);
}
