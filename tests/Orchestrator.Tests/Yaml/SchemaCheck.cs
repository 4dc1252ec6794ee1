using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace DataPlatform.Orchestrator.Tests.Yaml;

/// <summary>As much of JSON Schema (draft 2020-12) as the schema of DAGs uses, and YAML as editors see it.</summary>
internal static class SchemaCheck
{
    /// <summary>The first document as JSON, plain scalars by YAML's core schema.</summary>
    public static JsonNode? JsonOf(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return JsonOf(stream.Documents[0].RootNode);
    }

    /// <summary>Why a value is not of a schema; null when it is.</summary>
    public static string? WhyNot(JsonObject root, JsonNode? value) => WhyNot(root, root, value, "$");

    private static string? WhyNot(JsonObject root, JsonObject schema, JsonNode? value, string place)
    {
        if (schema["$ref"] is { } reference)
        {
            return WhyNot(root, root["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!.AsObject(), value, place);
        }

        if (schema["type"] is { } type
            && !(type is JsonArray many ? many.Select(one => one!.GetValue<string>()) : [type.GetValue<string>()]).Any(one => IsOf(one, value)))
        {
            return $"{place} is no {type.ToJsonString()}";
        }

        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)))
        {
            return $"{place} is none of {values.ToJsonString()}";
        }

        if (schema["pattern"] is { } pattern && value?.GetValueKind() == JsonValueKind.String
            && !Regex.IsMatch(value.GetValue<string>(), pattern.GetValue<string>()))
        {
            return $"{place} does not match {pattern}";
        }

        if (schema["minimum"] is { } minimum && value?.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() < minimum.GetValue<double>())
        {
            return $"{place} is too small";
        }

        return (schema["oneOf"] is JsonArray any ? WhyNotOne(root, any, value, place) : null) ?? value switch
        {
            JsonObject entries => WhyNotObject(root, schema, entries, place),
            JsonArray items when items.Count < (schema["minItems"]?.GetValue<int>() ?? 0) => $"{place} has too few items",
            JsonArray items when schema["items"] is JsonObject item =>
                items.Select((one, i) => WhyNot(root, item, one, $"{place}[{i}]")).FirstOrDefault(why => why is not null),
            _ => null,
        };
    }

    private static string? WhyNotOne(JsonObject root, JsonArray schemas, JsonNode? value, string place)
    {
        var reasons = schemas.Select(one => WhyNot(root, one!.AsObject(), value, place)).ToList();
        var held = reasons.Count(why => why is null);
        return held == 1 ? null : $"{place} is of {held} of oneOf: {string.Join("; ", reasons.OfType<string>())}";
    }

    private static string? WhyNotObject(JsonObject root, JsonObject schema, JsonObject entries, string place)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
        {
            if (!entries.ContainsKey(name!.GetValue<string>()))
            {
                return $"{place} lacks {name}";
            }
        }

        foreach (var (name, entry) in entries)
        {
            if (schema["properties"]?[name] is JsonObject known)
            {
                if (WhyNot(root, known, entry, $"{place}.{name}") is { } why)
                {
                    return why;
                }
            }
            else if (schema["additionalProperties"] is JsonValue)
            {
                return $"{place} has nothing named {name}";
            }
            else if (schema["additionalProperties"] is JsonObject other && WhyNot(root, other, entry, $"{place}.{name}") is { } why)
            {
                return why;
            }
        }

        return null;
    }

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("string", JsonValueKind.String) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("number", JsonValueKind.Number)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(value!.GetValue<double>()),
        _ => false,
    };

    private static JsonNode? JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode mapping =>
            new JsonObject(mapping.Children.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, JsonOf(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(JsonOf)]),
        YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } plain => plain.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            { } text when Regex.IsMatch(text, "^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$") =>
                JsonValue.Create(Math.Clamp(double.Parse(text, CultureInfo.InvariantCulture), double.MinValue, double.MaxValue)),
            { } text => JsonValue.Create(text),
        },
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
