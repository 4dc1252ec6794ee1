using System.Text.Json;
using System.Text.Json.Nodes;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>One key of an object of our JSON: how it is written, and how it is read into a copy.</summary>
/// <param name="Name">The key.</param>
/// <param name="Schema">Its JSON schema type, for the published schema.</param>
/// <param name="Write">Its value; null where it has the default and is left out.</param>
/// <param name="Read">The thing with the value.</param>
/// <typeparam name="T">What the object describes.</typeparam>
internal sealed record JsonKey<T>(string Name, string Schema, Func<T, JsonNode?> Write, Func<T, JsonElement, JsonText, string, T> Read);

/// <summary>The kinds of keys.</summary>
internal static class JsonKeys
{
    public static JsonKey<T> Number<T>(string name, Func<T, double> get, Func<T, double, T> set, double absent)
        => new(name, "number", item => get(item) == absent ? null : JsonValue.Create(get(item)), (item, value, json, path)
            => set(item, value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw json.Wrong(path, "a number")));

    public static JsonKey<T> Whole<T>(string name, Func<T, long> get, Func<T, long, T> set, long absent)
        => new(name, "integer", item => get(item) == absent ? null : JsonValue.Create(get(item)), (item, value, json, path)
            => set(item, value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
                : throw json.Wrong(path, "a whole number")));

    public static JsonKey<T> Flag<T>(string name, Func<T, bool> get, Func<T, bool, T> set, bool absent)
        => new(name, "boolean", item => get(item) == absent ? null : JsonValue.Create(get(item)), (item, value, json, path)
            => set(item, value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
                : throw json.Wrong(path, "true or false")));

    public static JsonKey<T> Text<T>(string name, Func<T, string?> get, Func<T, string, T> set, string? absent)
        => new(name, "string", item => get(item) == absent ? null : JsonValue.Create(get(item)), (item, value, json, path)
            => set(item, String(value, json, path)));

    public static JsonKey<T> Choice<T, TChoice>(string name, Func<T, TChoice> get, Func<T, TChoice, T> set, TChoice absent)
        where TChoice : struct, Enum
        => new(name, "string", item => get(item).Equals(absent) ? null : JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(get(item).ToString())),
            (item, value, json, path) => set(item, Enum.TryParse<TChoice>(String(value, json, path), ignoreCase: true, out var choice)
                && Enum.IsDefined(choice) ? choice
                : throw json.Wrong(path, $"one of {string.Join(", ", Enum.GetNames<TChoice>().Select(JsonNamingPolicy.CamelCase.ConvertName))}")));

    public static JsonKey<T> Names<T>(string name, Func<T, IReadOnlyList<string>> get, Func<T, IReadOnlyList<string>, T> set)
        => new(name, "array", item => get(item).Count == 0 ? null : new JsonArray([.. get(item).Select(text => (JsonNode)text)]),
            (item, value, json, path) => set(item, Strings(value, json, path)));

    public static JsonKey<T> Map<T, TValue>(string name, Func<T, IReadOnlyDictionary<string, TValue>> get,
        Func<T, IReadOnlyDictionary<string, TValue>, T> set, Func<TValue, JsonNode> write, Func<JsonElement, JsonText, string, TValue> read)
        => new(name, "object",
            item => get(item).Count == 0 ? null : new JsonObject(get(item).OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)write(pair.Value)))),
            (item, value, json, path) => value.ValueKind != JsonValueKind.Object ? throw json.Wrong(path, "an object")
                : set(item, value.EnumerateObject().ToDictionary(member => member.Name, member => read(member.Value, json, $"{path}.{member.Name}"),
                    StringComparer.Ordinal)));

    /// <summary>Everything an object says, on top of a start; what is not known is noted.</summary>
    public static T Read<T>(IReadOnlyList<JsonKey<T>> keys, T start, JsonElement element, JsonText json, string path, List<ConfigurationNote> notes,
        params ReadOnlySpan<string> others)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw json.Wrong(path, "an object");
        }

        foreach (var member in element.EnumerateObject())
        {
            var place = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (keys.FirstOrDefault(key => key.Name == member.Name) is { } key)
            {
                start = key.Read(start, member.Value, json, place);
            }
            else if (!others.Contains(member.Name))
            {
                notes.Add(new ConfigurationNote(json.Line(place), $"'{place}' is not known"));
            }
        }

        return start;
    }

    public static JsonObject Write<T>(IReadOnlyList<JsonKey<T>> keys, T item)
    {
        var written = new JsonObject();
        foreach (var key in keys)
        {
            if (key.Write(item) is { } value)
            {
                written[key.Name] = value;
            }
        }

        return written;
    }

    public static string String(JsonElement value, JsonText json, string path)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw json.Wrong(path, "a text");

    public static string[] Strings(JsonElement value, JsonText json, string path)
        => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((item, i) => String(item, json, $"{path}[{i}]"))]
            : throw json.Wrong(path, "a list of texts");
}
