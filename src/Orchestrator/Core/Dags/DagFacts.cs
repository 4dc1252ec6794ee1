using System.Text.Json;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A model taken apart into named values, so that two can be compared whatever settings either knows.</summary>
internal sealed record DagFacts(
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Tasks,
    IReadOnlySet<(string Upstream, string Downstream)> Edges)
{
    private const string TasksName = "tasks";
    private const string AfterName = "after";

    public static DagFacts Read(string model, string argument)
    {
        ArgumentNullException.ThrowIfNull(model, argument);
        try
        {
            using var document = JsonDocument.Parse(model);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ArgumentException($"This is no model of a DAG: {exception.Message}", argument, exception);
        }
    }

    private static DagFacts Read(JsonElement root)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var tasks = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        var edges = new HashSet<(string, string)>();
        foreach (var property in root.EnumerateObject().Where(property => property.Name is not (TasksName or "format")))
        {
            FlattenSetting(property.Name, property.Value, settings);
        }

        foreach (var task in root.GetProperty(TasksName).EnumerateArray())
        {
            var id = task.GetProperty("id").GetString()!;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in task.EnumerateObject().Where(property => property.Name is not (AfterName or "id")))
            {
                Flatten(property.Name, property.Value, values);
            }

            tasks[id] = values;
            edges.UnionWith(task.GetProperty(AfterName).EnumerateArray().Select(upstream => (upstream.GetString()!, id)));
        }

        return new DagFacts(settings, tasks, edges);
    }

    /// <summary>A timetable is kept as a text that is JSON itself; what differs inside it is what a reader wants to know.</summary>
    private static void FlattenSetting(string name, JsonElement value, Dictionary<string, string> settings)
    {
        if (name != "timetable" || value.GetString() is not ['{', ..] text)
        {
            Flatten(name, value, settings);
            return;
        }

        using var timetable = JsonDocument.Parse(text);
        Flatten(name, timetable.RootElement, settings);
    }

    private static void Flatten(string name, JsonElement value, Dictionary<string, string> values)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Flatten($"{name}.{property.Name}", property.Value, values);
                }

                break;
            case JsonValueKind.Array when value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object):
                // Lists of named things compare by name, so that one more in the middle is one difference.
                foreach (var (index, item) in value.EnumerateArray().Index())
                {
                    var key = item.TryGetProperty("name", out var named) ? named.GetString()! : $"{index}";
                    foreach (var property in item.EnumerateObject().Where(property => property.Name != "name"))
                    {
                        Flatten($"{name}.{key}.{property.Name}", property.Value, values);
                    }
                }

                break;
            case JsonValueKind.Array:
                // Read more easily without quotes, where they are not what tells two lists apart.
                var isPlain = value.EnumerateArray().All(item => item.ToString() is { Length: > 0 } word && !word.Contains(','));
                values[name] = isPlain ? string.Join(", ", value.EnumerateArray()) : value.GetRawText();
                break;
            default:
                values[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
                break;
        }
    }
}
