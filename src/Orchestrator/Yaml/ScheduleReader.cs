using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>Reads <c>schedule</c>: a cron line, or a mapping.</summary>
internal static class ScheduleReader
{
    private static readonly string[] Names = ["cron", "zone", "point", "every", "everyMonths", "anchor", "at", "once"];

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

        return kinds[0] switch
        {
            { Name: "cron" } cron => Crons(cron, Find("zone")?.Text() ?? "UTC", Find("point")?.Flag() ?? false),
            { Name: "every" } every => Timetable.Every(every.Duration(), Find("anchor")?.Instant()),
            { Name: "everyMonths" } months => Timetable.EveryMonths(months.WholeNumber(1), (Find("anchor") ?? throw place.Wrong("'everyMonths' needs an 'anchor'")).Instant()),
            { Name: "at" } at => Timetable.OnceAt(at.Instant()),
            var once => once.Flag() ? Timetable.Once() : throw once.Wrong("leave 'once' out where it is false"),
        };
    }

    private static ITimetable Crons(YamlPlace place, string zone, bool isPoint)
    {
        ITimetable[] timetables = [.. place.Texts().Select(line => isPoint ? Timetable.CronPoint(line, zone) : Timetable.Cron(line, zone))];
        return timetables.Length == 1 ? timetables[0] : Timetable.Union(timetables);
    }
}
