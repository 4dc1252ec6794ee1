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

    /// <exception cref="OrchestratorException">A parameter is missing, of another type, or against its rules.</exception>
    public static void Check(Dag dag, string? conf)
    {
        // It may come from a row that another program wrote.
        if (WhyNoJson(conf) is { } wrong)
        {
            throw new OrchestratorException(ErrorKind.Invalid, $"what DAG '{dag.Id}' should be started with is no JSON: {wrong}");
        }

        foreach (var parameter in dag.Params)
        {
            var json = Property(conf, parameter.Name) ?? parameter.DefaultJson
                ?? throw new OrchestratorException(ErrorKind.Invalid, $"DAG '{dag.Id}' needs the parameter '{parameter.Name}'.");
            if (parameter.WhyNot(json) is { } reason)
            {
                throw new OrchestratorException(
                    ErrorKind.Invalid, $"the parameter '{parameter.Name}' of DAG '{dag.Id}' is {json}, {reason}.");
            }
        }
    }
    private static string? WhyNoJson(string? conf)
    {
        try
        {
            using var document = conf is null ? null : JsonDocument.Parse(conf);
            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }
}
