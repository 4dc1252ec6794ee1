using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>Our own configuration format, version 1 (docs/formats/scheduler-configuration.md).</summary>
internal static class JsonConfiguration
{
    public const int Version = 1;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static SchedulerConfiguration Read(string text)
    {
        var json = JsonText.Parse(text);
        var notes = new List<ConfigurationNote>();
        EnsureVersion(json);
        NoteUnknown(json, notes);
        var queues = new List<KeyValuePair<string, QueueOptions>>();
        foreach (var (queue, i) in Items(json, "queues").Select((queue, i) => (queue, i)))
        {
            var place = $"queues[{i}]";
            if (queue.ValueKind != JsonValueKind.Object || !queue.TryGetProperty("path", out var path))
            {
                throw json.Wrong(place, "a queue: it has no \"path\" such as \"root.team\"");
            }

            var options = JsonKeys.Read(QueueKeys.All, new QueueOptions(), queue, json, place, notes, "path");
            queues.Add(KeyValuePair.Create(JsonKeys.String(path, json, $"{place}.path"), options));
        }

        var preemption = json.Root.TryGetProperty("preemption", out var said)
            ? JsonKeys.Read(PlacementKeys.Preemption, new PreemptionOptions(), said, json, "preemption", notes) : null;
        return new SchedulerConfiguration(new QueueTree(queues, Placement(json, notes)), preemption) { Notes = notes };
    }

    public static string Write(SchedulerConfiguration configuration)
    {
        var written = new JsonObject { ["version"] = Version };
        var queues = new JsonArray();
        foreach (var queue in configuration.Queues.Queues)
        {
            var item = new JsonObject { ["path"] = queue.Path };
            foreach (var (name, value) in JsonKeys.Write(QueueKeys.All, queue.Options))
            {
                item[name] = value?.DeepClone();
            }

            queues.Add(item);
        }

        written["queues"] = queues;
        var placement = configuration.Queues.Placement;
        if (placement.Rules.Count > 0)
        {
            written["placement"] = new JsonArray([.. placement.Rules.Select(PlacementKeys.WriteRule)]);
        }

        if (placement.RunningApplicationsPerUserMax != int.MaxValue || placement.RunningApplicationsByUser.Count > 0)
        {
            var users = new JsonObject { ["runningApplicationsMax"] = placement.RunningApplicationsPerUserMax };
            users["byName"] = new JsonObject(placement.RunningApplicationsByUser.Select(pair
                => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            written["users"] = users;
        }

        if (configuration.Preemption is { } preemption)
        {
            written["preemption"] = JsonKeys.Write(PlacementKeys.Preemption, preemption);
        }

        return written.ToJsonString(Indented);
    }

    public static string Schema()
    {
        JsonObject Object<T>(IReadOnlyList<JsonKey<T>> keys, params string[] required) => new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject([.. required.Select(name
                => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["type"] = "string" })),
                .. keys.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)new JsonObject { ["type"] = key.Schema }))]),
            ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]),
            ["additionalProperties"] = false,
        };
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "DataPlatform resource scheduler configuration",
            ["type"] = "object",
            ["required"] = new JsonArray("version"),
            ["properties"] = new JsonObject
            {
                ["version"] = new JsonObject { ["const"] = Version },
                ["queues"] = new JsonObject { ["type"] = "array", ["items"] = Object(QueueKeys.All, "path") },
                ["placement"] = new JsonObject { ["type"] = "array", ["items"] = Object(PlacementKeys.Rule, "rule") },
                ["users"] = Object(Users),
                ["preemption"] = Object(PlacementKeys.Preemption),
            },
        }.ToJsonString(Indented);
    }

    private static void EnsureVersion(JsonText json)
    {
        if (!json.Root.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number)
        {
            throw SchedulerException.Invalid($"The configuration has no \"version\"; this is version {Version}.");
        }

        if (!version.TryGetInt32(out var number) || number != Version)
        {
            throw SchedulerException.Invalid($"Line {json.Line("version")}: the configuration has version {version}; known is {Version}.");
        }
    }

    private static void NoteUnknown(JsonText json, List<ConfigurationNote> notes)
        => notes.AddRange(json.Root.EnumerateObject()
            .Where(member => member.Name is not ("version" or "queues" or "placement" or "users" or "preemption" or "$schema"))
            .Select(member => new ConfigurationNote(json.Line(member.Name), $"'{member.Name}' is not known")));

    private static QueuePlacement Placement(JsonText json, List<ConfigurationNote> notes)
    {
        var rules = Items(json, "placement").Select((rule, i) => PlacementKeys.ReadRule(rule, json, $"placement[{i}]", notes)).ToArray();
        var placement = new QueuePlacement { Rules = rules };
        return json.Root.TryGetProperty("users", out var users)
            ? JsonKeys.Read(Users, placement, users, json, "users", notes) : placement;
    }

    private static IReadOnlyList<JsonKey<QueuePlacement>> Users { get; } =
    [
        JsonKeys.Whole<QueuePlacement>("runningApplicationsMax", item => item.RunningApplicationsPerUserMax,
            (item, value) => item with { RunningApplicationsPerUserMax = (int)Math.Clamp(value, 0, int.MaxValue) }, int.MaxValue),
        JsonKeys.Map<QueuePlacement, int>("byName", item => item.RunningApplicationsByUser,
            (item, value) => item with { RunningApplicationsByUser = value }, value => value,
            (value, json, path) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
                : throw json.Wrong(path, "a whole number")),
    ];

    private static JsonElement.ArrayEnumerator Items(JsonText json, string name)
        => !json.Root.TryGetProperty(name, out var list) ? default
            : list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw json.Wrong(name, "a list");
}
