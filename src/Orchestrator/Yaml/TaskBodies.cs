using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>What a task does: exactly one of these names stands in it.</summary>
internal static class TaskBodies
{
    private static readonly TimeSpan SensorInterval = TimeSpan.FromMinutes(1);

    /// <summary>The names, with their types in the schema, and the names that may stand beside each.</summary>
    public static IReadOnlyList<(string Name, string Type, IReadOnlyList<(string Name, string Type)> Beside)> All { get; } =
    [
        ("command", "command", [("environment", "variables")]),
        ("code", "text", [("takes", "text"), ("takesAll", "text")]),
        ("branch", "text", []),
        ("shortCircuit", "text", [("ignoresRules", "flag")]),
        ("sensor", "text", [("interval", "duration"), ("patience", "duration"), ("mode", "sensor-mode"), ("skipsOnTimeout", "flag")]),
        ("sql", "text", [("connection", "text")]),
    ];

    /// <summary>Adds a task.</summary>
    /// <param name="builder">The DAG, at the task's group.</param>
    /// <param name="code">The functions.</param>
    /// <param name="task">The task.</param>
    public static void Add(DagBuilder builder, DagCode code, YamlPlace task)
    {
        var entries = task.Entries([.. All.SelectMany(b => b.Beside.Select(p => p.Name).Prepend(b.Name)), .. TaskProperties.All
            .Select(p => p.Name)]);
        var bodies = entries.Where(e => All.Any(b => b.Name == e.Name)).ToList();
        if (bodies.Count != 1)
        {
            throw (bodies.Count == 0 ? task : bodies[1]).Wrong($"task '{task.Name}' must have exactly one of {string.Join(", ", All.Select(b => b.Name))}");
        }

        var body = bodies[0];
        var beside = All.First(b => b.Name == body.Name).Beside;
        if (entries.FirstOrDefault(e => All.Any(b => b.Beside.Any(p => p.Name == e.Name))
            && !beside.Any(p => p.Name == e.Name)) is { } stray)
        {
            throw stray.Wrong($"'{stray.Name}' means nothing for a {body.Name}");
        }

        YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
        void Configure(TaskBuilder configured) => TaskProperties.Apply(configured, entries);
        switch (body.Name)
        {
            case "command":
                var words = body.Texts();
                builder.Command(task.Name, words[0], [.. words.Skip(1)], Configure,
                    Find("environment")?.Entries().ToDictionary(v => v.Name, v => v.Text()));
                break;
            case "sql":
                SqlBodies.Add(builder, code.Connections, task, body, Find("connection"), Configure);
                break;
            case "code":
                AddCode(builder, code.TaskOf(body), task, entries);
                break;
            case "branch":
                builder.Branch(task.Name, code.BranchOf(body), Configure);
                break;
            case "shortCircuit":
                builder.ShortCircuit(task.Name, code.CheckOf(body), Configure, Find("ignoresRules")?.Flag() ?? true);
                break;
            default:
                var options = new SensorOptions(
                    Find("interval")?.Duration() ?? SensorInterval, Find("patience")?.Duration(),
                    Find("mode")?.Choice<SensorMode>() ?? SensorMode.Reschedule, Find("skipsOnTimeout")?.Flag() ?? false);
                TaskProperties.Guarded(body, () => builder.Sensor(task.Name, code.CheckOf(body), options, Configure));
                break;
        }
    }

    private static void AddCode(DagBuilder builder, CodeFunction function, YamlPlace task, IReadOnlyList<YamlPlace> entries)
    {
        var body = entries.First(e => e.Name == "code");
        var takes = entries.Where(e => e.Name is "takes" or "takesAll").ToList();
        if (takes.Count > 1)
        {
            throw takes[1].Wrong("a function takes the value of one task: 'takes' or 'takesAll'");
        }

        if (!function.IsUnknown && takes.Count == 0 != function.Input is null)
        {
            throw (takes.Count == 0 ? body : takes[0]).Wrong(takes.Count == 0
                ? $"function '{body.Text()}' takes a value: name its task with 'takes', or a mapped one with 'takesAll'"
                : $"function '{body.Text()}' takes no value");
        }

        var input = takes.Count == 0
            ? null
            : new TaskInput(takes[0].Text(), Execution.TaskContext.ReturnKey, function.Input ?? typeof(object),
                takes[0].Name == "takesAll");
        builder.Task(task.Name, (context, token) => function.Run(context, input, token), configured =>
        {
            configured.Gives(function.Result ?? typeof(object)).TakesItem(function.Item is null ? [] : [function.Item]);
            _ = input is null ? configured : configured.Takes(input);
            TaskProperties.Apply(configured, entries);
        });
    }
}
