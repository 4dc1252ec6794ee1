using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Quality.Rules.Documents;

namespace DataPlatform.Quality.Web.Views;

/// <summary>The fields of a kind of rule, read off the schema of suites, so that a new kind has its form at once.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Fields">Its fields, the demanded ones first.</param>
public sealed record RuleForm(string Kind, IReadOnlyList<RuleField> Fields)
{
    private static readonly IReadOnlyList<RuleForm> Forms = [.. Read()];

    /// <summary>The forms of all kinds.</summary>
    public static IReadOnlyList<RuleForm> All => Forms;

    /// <summary>The rule that filled-in fields stand for; empty ones are left out.</summary>
    /// <param name="value">The text of a field; null or empty for nothing.</param>
    public JsonObject Rule(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var rule = new JsonObject { ["kind"] = Kind };
        foreach (var field in Fields)
        {
            if (value(field.Name) is { } text && !string.IsNullOrWhiteSpace(text))
            {
                rule[field.Name] = Value(field, text.Trim());
            }
        }

        return rule;
    }

    private static JsonNode? Value(RuleField field, string text) => field.Type switch
    {
        "list" => new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => field.IsTextOnly ? item : Scalar(item))]),
        "flag" => text is "on" or "true",
        "number" or "value" => Scalar(text),
        _ => text,
    };

    /// <summary>A text as the number or truth value it looks like. JSON in braces stays JSON: a time is written like that.</summary>
    private static JsonNode? Scalar(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact) => exact,
        ['{', .., '}'] => ParsedOr(text),
        _ => text,
    };

    private static JsonNode? ParsedOr(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            // What is no JSON is taken as the text that it is, and the check of the suite says what it should be.
            return text;
        }
    }

    private static IEnumerable<RuleForm> Read()
    {
        foreach (var kind in SuiteDocument.Schema()["properties"]!["rules"]!["items"]!["oneOf"]!.AsArray().OfType<JsonObject>())
        {
            var demanded = kind["required"]!.AsArray().Select(name => name!.GetValue<string>()).ToHashSet();
            var fields = kind["properties"]!.AsObject().Where(p => p.Key != "kind").Select(p => Field(p.Key, p.Value!.AsObject(), demanded.Contains(p.Key)));
            yield return new RuleForm(kind["properties"]!["kind"]!["const"]!.GetValue<string>(), [.. fields.OrderByDescending(f => f.IsDemanded)]);
        }
    }

    private static RuleField Field(string name, JsonObject schema, bool isDemanded)
    {
        var type = schema["type"] switch
        {
            JsonArray => "value",
            { } one => one.GetValue<string>() switch { "array" => "list", "boolean" => "flag", "integer" or "number" => "number", "object" => "value", _ => "text" },
            null => "value",
        };
        var values = schema["enum"] is JsonArray choices ? choices.Select(c => c!.GetValue<string>()).ToList() : [];
        return new RuleField(name, type, isDemanded, values, type == "list" && schema["items"]?["type"] is JsonValue item && item.GetValue<string>() == "string");
    }
}
