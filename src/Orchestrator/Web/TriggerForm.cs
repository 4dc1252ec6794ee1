using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The form that is made from a DAG's typed parameters, read back as the run's JSON.</summary>
internal static class TriggerForm
{
    /// <summary>Before a parameter's name, so that no parameter can be taken for another field.</summary>
    public const string Prefix = "p.";

    /// <summary>The fields as they were filled in, so that a refused form need not be filled in again.</summary>
    public static Dictionary<string, string> Filled(IFormCollection form, Dag dag) => form.Where(field => !field.Key.StartsWith("__", StringComparison.Ordinal))
        .ToDictionary(field => field.Key.StartsWith(Prefix, StringComparison.Ordinal) ? field.Key[Prefix.Length..] : field.Key, field => field.Value.ToString())
        .Concat(dag.Params.Where(p => p.Type == ParamType.Boolean && !form.ContainsKey(Prefix + p.Name)).Select(p => KeyValuePair.Create(p.Name, "false")))
        .ToDictionary();

    /// <summary>A parameter's default as the form shows it.</summary>
    public static string TextOf(DagParam parameter) => parameter switch
    {
        { DefaultJson: null } => string.Empty,
        { Type: ParamType.String, DefaultJson: var json } => JsonSerializer.Deserialize<string>(json) ?? string.Empty,
        _ => parameter.DefaultJson,
    };

    /// <summary>The run's parameters; null for none.</summary>
    /// <exception cref="OrchestratorException">A field is not of its type.</exception>
    public static JsonElement? Conf(IFormCollection form, Dag dag)
    {
        if (dag.Params.Count == 0)
        {
            return form["conf"].ToString() is { Length: > 0 } text && !string.IsNullOrWhiteSpace(text)
                ? Parse("The configuration", text, JsonValueKind.Object).Deserialize<JsonElement>()
                : null;
        }

        var conf = new JsonObject();
        foreach (var parameter in dag.Params)
        {
            var text = form[Prefix + parameter.Name].ToString();
            if (parameter.Type != ParamType.Boolean && text.Length == 0 && parameter.DefaultJson is not null)
            {
                continue;
            }

            conf[parameter.Name] = Value(parameter, text);
        }

        return JsonSerializer.SerializeToElement(conf);
    }

    /// <summary>An instant of a field of the browser, which has no zone: UTC.</summary>
    /// <exception cref="OrchestratorException">The field is no instant.</exception>
    public static DateTimeOffset? Instant(string text) => text.Length == 0 ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw new OrchestratorException(ErrorKind.Invalid, $"'{text}' is no date.");

    private static JsonNode? Value(DagParam parameter, string text) => parameter.Type switch
    {
        ParamType.String => text,
        ParamType.Boolean => text == "true",
        ParamType.Integer or ParamType.Number => Parse($"The parameter '{parameter.Name}'", text, JsonValueKind.Number),
        ParamType.Array => Parse($"The parameter '{parameter.Name}'", text, JsonValueKind.Array),
        _ => Parse($"The parameter '{parameter.Name}'", text, JsonValueKind.Object),
    };

    private static JsonNode Parse(string what, string text, JsonValueKind kind)
    {
        try
        {
            if (JsonNode.Parse(text) is { } node && node.GetValueKind() == kind)
            {
                return node;
            }
        }
        catch (JsonException)
        {
            // Said below, with what it should have been.
        }

        throw new OrchestratorException(ErrorKind.Invalid, $"{what} is '{(text.Length <= 80 ? text : text[..80] + "…")}', which is no JSON {kind.ToString().ToLowerInvariant()}.");
    }
}
