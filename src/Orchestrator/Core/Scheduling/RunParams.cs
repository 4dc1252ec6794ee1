using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Checks what a caller passes against a DAG's parameters.</summary>
internal static class RunParams
{
    public static string? Property(string? json, string name)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value)
            ? value.GetRawText()
            : null;
    }

    /// <exception cref="OrchestratorException">A parameter is missing or of another type.</exception>
    public static void Check(Dag dag, string? conf)
    {
        foreach (var parameter in dag.Params)
        {
            var json = Property(conf, parameter.Name) ?? parameter.DefaultJson
                ?? throw new OrchestratorException(ErrorKind.Invalid, $"DAG '{dag.Id}' needs the parameter '{parameter.Name}'.");
            if (!IsOf(parameter.Type, json))
            {
                throw new OrchestratorException(
                    ErrorKind.Invalid, $"the parameter '{parameter.Name}' of DAG '{dag.Id}' is {json}, which is no {parameter.Type}.");
            }
        }
    }

    private static bool IsOf(ParamType type, string json)
    {
        using var document = JsonDocument.Parse(json);
        var value = document.RootElement;
        return type switch
        {
            ParamType.String => value.ValueKind == JsonValueKind.String,
            ParamType.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            ParamType.Number => value.ValueKind == JsonValueKind.Number,
            ParamType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            ParamType.Array => value.ValueKind == JsonValueKind.Array,
            _ => value.ValueKind == JsonValueKind.Object,
        };
    }
}
