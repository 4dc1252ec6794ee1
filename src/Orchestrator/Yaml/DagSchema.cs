using System.Text.Json.Nodes;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>The JSON schema, made from the tables that reading uses, so that the two cannot disagree.</summary>
internal static class DagSchema
{
    private const string DurationPattern = @"^(([0-9]+(ms|s|m|h|d))+|[0-9.]+(:[0-9]{2}){1,2}(\.[0-9]+)?)$";

    public static JsonObject Build() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "DataPlatform DAG",
        ["type"] = "object",
        ["required"] = new JsonArray("dag"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(DagReader.Properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)Of(p.Type)))),
        ["$defs"] = new JsonObject { ["task"] = Task(), ["group"] = Group(), ["datasets"] = Datasets() },
    };

    private static JsonObject Task() => new()
    {
        ["type"] = "object",
        ["oneOf"] = new JsonArray([.. TaskBodies.All.Select(body => new JsonObject { ["required"] = new JsonArray(body.Name) })]),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(TaskBodies.All.SelectMany(body => body.Beside.Prepend((body.Name, body.Type)))
            .Concat(TaskProperties.All.Select(p => (p.Name, p.Type)))
            .Select(p => KeyValuePair.Create(p.Item1, (JsonNode?)Of(p.Item2)))),
    };

    private static JsonObject Group() =>
        Closed(("after", Of("texts")), ("map", Of("map")), ("tasks", Of("tasks")), ("groups", Of("groups")));

    private static JsonObject Datasets() => new()
    {
        ["oneOf"] = new JsonArray(
            Of("text"),
            new JsonObject { ["type"] = "array", ["items"] = Reference("datasets") },
            Closed(("all", Reference("datasets")), ("any", Reference("datasets")))),
    };

    private static JsonObject Of(string type) => type switch
    {
        "text" => new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
        "instant" => new JsonObject { ["type"] = new JsonArray("string", "number") },
        "duration" => new JsonObject { ["type"] = "string", ["pattern"] = DurationPattern },
        "flag" => new JsonObject { ["type"] = "boolean" },
        "integer" => new JsonObject { ["type"] = "integer" },
        "count" => new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
        "positive" => new JsonObject { ["type"] = "integer", ["minimum"] = 1 },
        "number" => new JsonObject { ["type"] = "number" },
        "texts" => Either(Of("text"), new JsonObject { ["type"] = "array", ["items"] = Of("text") }),
        "command" => OneOrMore(Of("text")),
        "variables" => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of("text") },
        "tasks" => new JsonObject { ["type"] = "object", ["additionalProperties"] = Reference("task") },
        "groups" => new JsonObject { ["type"] = "object", ["additionalProperties"] = Reference("group") },
        "datasets" => Reference("datasets"),
        "trigger-rule" => Choice(YamlPlace.Choices<TriggerRule>()),
        "sensor-mode" => Choice(YamlPlace.Choices<SensorMode>()),
        "type" => new JsonObject { ["type"] = "string", ["pattern"] = YamlType.Pattern },
        "limits" => Closed(("activeRuns", Of("positive")), ("activeTasks", Of("positive")), ("activeTasksPerRun", Of("positive"))),
        "backoff" => Closed(("base", Of("duration")), ("multiplier", new JsonObject { ["type"] = "number", ["minimum"] = 1 }), ("cap", Of("duration")),
            ("jitter", Choice(YamlPlace.Choices<JitterMode>()))),
        "pool" => Either(Of("text"), Closed(("name", Of("text")), ("slots", Of("positive")))),
        "resources" => Closed(("cpu", Of("text")), ("memory", Of("text"))),
        "map" => Closed(("over", Of("texts")), ("concat", Of("texts")), ("product", Of("texts")), ("zip", Of("texts")),
            ("max", Of("positive"))),
        "params" => new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = Closed(("type", Choice(YamlPlace.Choices<ParamType>())), ("default", new JsonObject()),
                ("description", Of("text")),
                ("minimum", Of("number")), ("maximum", Of("number")), ("minLength", Of("count")), ("maxLength", Of("count")),
                    ("pattern", Of("text")),
                ("choices", new JsonObject { ["type"] = "array", ["minItems"] = 1 })),
        },
        "schedule" => Either(Of("text"), Closed(
            ("cron", Of("texts")), ("zone", Of("text")), ("dialect", Choice(YamlPlace.Choices<CronDialect>())), ("point", Of("flag")),
                ("jitter", Of("duration")), ("every", Of("duration")), ("everyMonths", Of("positive")),
            ("anchor", Of("instant")), ("at", Of("instant")), ("once", Of("flag")))),
        _ => throw new System.Diagnostics.UnreachableException($"A property of type '{type}'."),
    };

    private static JsonObject Closed(params (string Name, JsonObject Schema)[] properties) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Schema))),
    };

    private static JsonObject Either(JsonObject first, JsonObject second) => new() { ["oneOf"] = new JsonArray(first, second) };

    private static JsonObject OneOrMore(JsonObject item) =>
        Either(item, new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = item.DeepClone() });

    private static JsonObject Choice(IEnumerable<string> values) =>
        new() { ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]) };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };
}
