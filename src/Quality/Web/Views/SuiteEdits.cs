using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Web.Views;

/// <summary>Changes to the document of a suite, as its form makes them.</summary>
internal static class SuiteEdits
{
    /// <summary>The properties of rules that the table of rules edits.</summary>
    public static readonly string[] Quick = ["severity", "threshold", "filter", "owner"];

    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>A document with no rules yet.</summary>
    public static string Empty(string table) => new JsonObject { ["suite"] = table + "-checks", ["table"] = table, ["rules"] = new JsonArray() }.ToJsonString();

    /// <exception cref="QualityException">The document has no list of rules.</exception>
    public static string Add(string json, JsonNode rule)
    {
        var (document, rules) = Open(json);
        rules.Add(rule.DeepClone());
        return document.ToJsonString();
    }

    /// <exception cref="QualityException">There is no such rule.</exception>
    public static string Remove(string json, int place)
    {
        var (document, rules) = Open(json);
        rules.Remove(At(rules, place));
        return document.ToJsonString();
    }

    /// <summary>Sets a property of a rule; an empty text takes it away.</summary>
    /// <exception cref="QualityException">There is no such rule.</exception>
    public static string Set(string json, int place, string property, string text)
    {
        var (document, rules) = Open(json);
        var rule = At(rules, place);
        if (string.IsNullOrWhiteSpace(text))
        {
            rule.Remove(property);
        }
        else
        {
            rule[property] = property == "threshold" && long.TryParse(text, CultureInfo.InvariantCulture, out var rows) ? rows : text.Trim();
        }

        return document.ToJsonString();
    }

    /// <summary>The rules of a document; none when it has no list of them.</summary>
    public static IReadOnlyList<JsonObject> Rules(string json)
    {
        try
        {
            return JsonNode.Parse(json, null, Reading) is JsonObject document && document["rules"] is JsonArray rules ? [.. rules.OfType<JsonObject>()] : [];
        }
        catch (JsonException)
        {
            // The check of the text says where it stops to be JSON; here there are then simply no rules.
            return [];
        }
    }

    private static (JsonObject Document, JsonArray Rules) Open(string json)
        => JsonNode.Parse(json, null, Reading) is JsonObject document && document["rules"] is JsonArray rules
            ? (document, rules)
            : throw new QualityException(ErrorKind.Invalid, "The suite has no list 'rules' to change; mend the text first.");

    private static JsonObject At(JsonArray rules, int place)
        => place >= 0 && place < rules.Count && rules[place] is JsonObject rule
            ? rule
            : throw new QualityException(ErrorKind.Invalid, $"The suite has no rule {place + 1}; it has {rules.Count}.");
}
