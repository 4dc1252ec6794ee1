using System.Text.Json.Nodes;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>The JSON schema, made from the table that reading uses, so that the two cannot disagree.</summary>
internal static class SuiteSchema
{
    public static JsonObject Build() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "DataPlatform quality suite",
        ["type"] = "object",
        ["required"] = new JsonArray("table", "rules"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["$schema"] = Of("text"),
            ["suite"] = Of("text"),
            ["table"] = Of("text"),
            ["mask"] = Of("texts"),
            ["rules"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["oneOf"] = new JsonArray([.. RuleKind.All.Select(Rule)]) } },
        },
    };

    private static JsonObject Rule(RuleKind kind)
    {
        var properties = new JsonObject { ["kind"] = new JsonObject { ["const"] = kind.Name } };
        foreach (var property in kind.Properties.Concat(RuleKind.Shared))
        {
            var schema = Of(property.Type);
            if (property.Values is { } values)
            {
                schema["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]);
            }

            properties[property.Name] = schema;
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray(["kind", .. kind.Properties.Where(p => p.IsRequired).Select(p => (JsonNode)p.Name)]),
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }

    private static JsonObject Of(string type) => type switch
    {
        "text" => new JsonObject { ["type"] = "string" },
        "integer" => new JsonObject { ["type"] = "integer" },
        "number" => new JsonObject { ["type"] = "number" },
        "flag" => new JsonObject { ["type"] = "boolean" },
        "duration" => new JsonObject { ["type"] = "string", ["pattern"] = DocumentTimes.Duration },
        "texts" => new JsonObject { ["type"] = "array", ["items"] = Of("text") },
        "key" => new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Of("text") },
        "values" => new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Of("value") },
        "value" => new JsonObject { ["type"] = new JsonArray("number", "string", "boolean", "object") },
        "tolerance" => new JsonObject { ["type"] = new JsonArray("number", "string"), ["pattern"] = RuleFields.Share, ["minimum"] = 0 },
        "days" => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string", ["format"] = "date" } },
        "threshold" => new JsonObject { ["type"] = new JsonArray("integer", "string"), ["pattern"] = RuleFields.Share, ["minimum"] = 0 },
        _ => new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = ColumnItem() },
    };

    private static JsonObject ColumnItem() => new()
    {
        ["type"] = new JsonArray("string", "object"),
        ["required"] = new JsonArray("name"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject { ["name"] = Of("text"), ["type"] = Of("text") },
    };
}
