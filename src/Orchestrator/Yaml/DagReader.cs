using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>Reads one document into a DAG.</summary>
internal sealed class DagReader(DagCode code, YamlPlace document)
{
    private static readonly string[] GroupNames = ["after", "map", "tasks", "groups"];
    private static readonly string[] ParamNames =
        ["type", "default", "description", "minimum", "maximum", "minLength", "maxLength", "pattern", "choices"];
    private static readonly string[] DatasetNames = ["all", "any"];
    private static readonly string[] LimitNames = ["activeRuns", "activeTasks", "activeTasksPerRun"];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<(string? Group, YamlPlace Place)> _upstream = [];
    private readonly Dictionary<string, YamlPlace> _places = new(StringComparer.Ordinal);

    /// <summary>What a document may have.</summary>
    public static IReadOnlyList<YamlProperty<DagBuilder>> Properties { get; } =
    [
        new("dag", "text", (_, _) => { }),
        new("description", "text", (dag, place) => dag.Description(place.Text())),
        new("version", "text", (dag, place) => dag.Version(place.Text())),
        new("tags", "texts", (dag, place) => dag.Tags([.. place.Texts()])),
        new("schedule", "schedule", (_, _) => { }),
        new("catchup", "flag", (_, _) => { }),
        new("start", "instant", (_, _) => { }),
        new("datasets", "datasets", (dag, place) => dag.OnDatasets(DatasetsOf(place))),
        new("events", "texts", (dag, place) => dag.OnEvent([.. place.Texts()])),
        new("weight", "positive", (dag, place) => dag.Weight(place.WholeNumber(1))),
        new("limits", "limits", Limits),
        new("timeout", "duration", (dag, place) => dag.RunTimeout(place.Duration())),
        new("deadline", "duration", (dag, place) => dag.Deadline(place.Duration())),
        new("params", "params", Params),
        new("tasks", "tasks", (_, _) => { }),
        new("groups", "groups", (_, _) => { }),
    ];

    public Dag Read()
    {
        var entries = document.Entries([.. Properties.Select(p => p.Name)]);
        YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
        var id = Find("dag") ?? throw document.Wrong("a DAG has a name: 'dag: NAME'");
        DagBuilder? made = null;
        TaskProperties.Guarded(id, () => made = new DagBuilder(id.Text()));
        var builder = made!;
        foreach (var entry in entries)
        {
            TaskProperties.Guarded(entry, () => Properties.First(p => p.Name == entry.Name).Apply(builder, entry));
        }

        if (Find("schedule") is { } schedule)
        {
            var (timetable, start) = (ScheduleReader.Read(schedule), Find("start")?.Instant());
            builder.Schedule(timetable, Find("catchup")?.Flag() ?? false, start);
            if (!TimetablePlan.EverFires(timetable, start))
            {
                throw schedule.Wrong($"{timetable.Summary} never fires");
            }
        }
        else if ((Find("catchup") ?? Find("start")) is { } stray)
        {
            throw stray.Wrong($"'{stray.Name}' needs a 'schedule'");
        }

        Members(builder, Find("tasks"), Find("groups"), null);
        CheckUpstream();
        try
        {
            return builder.Build();
        }
        catch (DagException e)
        {
            throw Wrong(e);
        }
    }

    /// <summary>The first problem at its place, the others behind it at theirs.</summary>
    private DagYamlException Wrong(DagException exception)
    {
        var problems = exception.Problems;
        var more = problems.Skip(1).Select(problem => $"\n{PlaceOf(problem).Wrong(problem.Message).Message}");
        return PlaceOf(problems[0]).Wrong($"DAG '{exception.DagId}': {problems[0].Message}{string.Concat(more)}", exception);
    }

    private YamlPlace PlaceOf(DagProblem problem) => problem.Place is { } id && _places.TryGetValue(id, out var place) ? place : document;

    private static void Limits(DagBuilder dag, YamlPlace place)
    {
        foreach (var entry in place.Entries(LimitNames))
        {
            _ = entry.Name switch
            {
                "activeRuns" => dag.MaxActiveRuns(entry.WholeNumber(1)),
                "activeTasks" => dag.MaxActiveTasks(entry.WholeNumber(1)),
                _ => dag.MaxActiveTasksPerRun(entry.WholeNumber(1)),
            };
        }
    }

    private static void Params(DagBuilder dag, YamlPlace place)
    {
        foreach (var param in place.Entries())
        {
            var entries = param.Entries(ParamNames);
            YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
            var rules = new ParamRules
            {
                Minimum = Find("minimum")?.Exact(),
                Maximum = Find("maximum")?.Exact(),
                LengthMin = Find("minLength")?.WholeNumber(),
                LengthMax = Find("maxLength")?.WholeNumber(),
                Pattern = Find("pattern")?.Text(),
                Choices = [.. Find("choices")?.List().Select(item => item.Json()?.ToJsonString() ?? "null") ?? []],
            };
            dag.Param(
                param.Name, Find("type")?.Choice<ParamType>() ?? ParamType.String, Find("default")?.Json(), Find("description")?.Text()
                    ?? string.Empty,
                rules);
        }
    }

    private static DatasetCondition DatasetsOf(YamlPlace place)
    {
        if (!place.IsMapping)
        {
            return DatasetCondition.All([.. place.Items().Select(Single)]);
        }

        var entries = place.Entries(DatasetNames);
        if (entries.Count != 1)
        {
            throw place.Wrong("'datasets' has one of 'all' and 'any'");
        }

        DatasetCondition[] parts = [.. entries[0].Items().Select(Single)];
        return entries[0].Name == "all" ? DatasetCondition.All(parts) : DatasetCondition.Any(parts);
    }

    private static DatasetCondition Single(YamlPlace place) => place.IsMapping ? DatasetsOf(place)
        : DatasetCondition.On(new DatasetId(place.Text()));

    private void Members(DagBuilder builder, YamlPlace? tasks, YamlPlace? groups, string? group)
    {
        foreach (var task in tasks?.Entries() ?? [])
        {
            Know(group, task);
            foreach (var entry in task.IsMapping ? task.Entries().Where(e => e.Name is "after" or "teardown" or "takes" or "takesAll") : [])
            {
                _upstream.AddRange(entry.Items().Select(item => (group, item)));
            }

            TaskProperties.Guarded(task, () => TaskBodies.Add(builder, code, task));
        }

        foreach (var inner in groups?.Entries() ?? [])
        {
            Know(group, inner);
            var entries = inner.Entries(GroupNames);
            YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
            _upstream.AddRange(Find("after")?.Items().Select(item => (group, item)) ?? []);
            AddGroup(builder, inner.Name, Find, within => Members(within, Find("tasks"), Find("groups"), Joined(group, inner.Name)));
        }
    }

    private static void AddGroup(DagBuilder builder, string name, Func<string, YamlPlace?> find, Action<DagBuilder> define)
    {
        string[] after = [.. find("after")?.Texts() ?? []];
        if (find("map") is not { } map)
        {
            builder.Group(name, define, after);
            return;
        }

        var (source, max) = TaskProperties.MapOf(map);
        builder.MapGroup(name, source, define, max ?? DagLimits.DefaultMapLengthMax, after);
    }

    private void Know(string? group, YamlPlace place)
    {
        _places.TryAdd(Joined(group, place.Name), place);
        if (!_known.Add(Joined(group, place.Name)))
        {
            throw place.Wrong($"there is a task or a group '{Joined(group, place.Name)}' already");
        }
    }

    /// <summary>Names are looked for in the group they stand in, then outwards.</summary>
    private void CheckUpstream()
    {
        foreach (var (group, place) in _upstream)
        {
            var name = place.Text();
            var scopes = group is null ? [] : group.Split('.').Select((_, depth) => string.Join('.', group.Split('.').Take(depth + 1)));
            if (!_known.Contains(name) && !scopes.Any(scope => _known.Contains($"{scope}.{name}")))
            {
                throw place.Wrong($"there is no task or group '{name}'; there are {string.Join(", ", _known.Order(StringComparer.Ordinal).Take(20))}");
            }
        }
    }

    private static string Joined(string? group, string name) => group is null ? name : $"{group}.{name}";
}
