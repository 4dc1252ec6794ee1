using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>Reads <c>schedule</c>: a cron line, or a mapping.</summary>
internal static class ScheduleReader
{
    private static readonly string[] Names = ["cron", "zone", "dialect", "point", "jitter", "every", "everyMonths", "anchor", "at", "once"];

    public static ITimetable Read(YamlPlace place)
    {
        try
        {
            return place.IsMapping ? Mapping(place) : place.Text() == "@once" ? Timetable.Once() : Timetable.Cron(place.Text());
        }
        catch (Exception e) when (e is TimetableException or ArgumentException)
        {
            throw place.Wrong(e.Message, e);
        }
    }

    private static ITimetable Mapping(YamlPlace place)
    {
        var entries = place.Entries(Names);
        YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
        var kinds = entries.Where(e => e.Name is "cron" or "every" or "everyMonths" or "at" or "once").ToList();
        if (kinds.Count != 1)
        {
            throw place.Wrong("'schedule' has exactly one of 'cron', 'every', 'everyMonths', 'at' and 'once'");
        }

        if (kinds[0].Name != "cron" && entries.FirstOrDefault(e => e.Name is "zone" or "dialect" or "point") is { } stray)
        {
            throw stray.Wrong($"'{stray.Name}' means nothing for '{kinds[0].Name}'");
        }

        if (kinds[0].Name is not ("every" or "everyMonths") && Find("anchor") is { } anchor)
        {
            throw anchor.Wrong($"'anchor' means nothing for '{kinds[0].Name}'");
        }

        var timetable = OfKind(kinds[0], place, Find);
        return Find("jitter") is { } jitter ? Timetable.Jitter(timetable, jitter.Duration()) : timetable;
    }

    private static ITimetable OfKind(YamlPlace kind, YamlPlace place, Func<string, YamlPlace?> find)
    {
        return kind switch
        {
            { Name: "cron" } cron => Crons(
                cron, find("zone")?.Text() ?? "UTC", find("point")?.Flag() ?? false, find("dialect")?.Choice<CronDialect>()
                    ?? CronDialect.Cronos),
            { Name: "every" } every => Timetable.Every(every.Duration(), find("anchor")?.Instant()),
            { Name: "everyMonths" } months => Timetable.EveryMonths(months.WholeNumber(1),
                (find("anchor") ?? throw place.Wrong("'everyMonths' needs an 'anchor'")).Instant()),
            { Name: "at" } at => Timetable.OnceAt(at.Instant()),
            var once => once.Flag() ? Timetable.Once() : throw once.Wrong("leave 'once' out where it is false"),
        };
    }

    private static ITimetable Crons(YamlPlace place, string zone, bool isPoint, CronDialect dialect)
    {
        ITimetable[] timetables = [.. place.Texts()
            .Select(line => isPoint ? Timetable.CronPoint(line, zone, dialect) : Timetable.Cron(line, zone, dialect))];
        return timetables.Length == 1 ? timetables[0] : Timetable.Union(timetables);
    }
}
