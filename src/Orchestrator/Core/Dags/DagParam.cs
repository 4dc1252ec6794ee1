using System.Text.Json;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A parameter of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its value must be.</param>
/// <param name="DefaultJson">The value where the caller gives none, as JSON; null: the caller must give one.</param>
/// <param name="Description">What it is for.</param>
public sealed record DagParam(string Name, ParamType Type, string? DefaultJson, string Description)
{
    /// <summary>What else its value must be; nothing by default.</summary>
    public ParamRules Rules { get; init; } = ParamRules.None;

    /// <summary>Why a value is refused; null when it will do.</summary>
    /// <param name="json">The value as JSON.</param>
    public string? WhyNot(string json)
    {
        using var document = JsonDocument.Parse(json);
        var value = document.RootElement;
        return IsOf(value) ? Rules.WhyNot(value) : $"which is no {Type}";
    }

    private bool IsOf(JsonElement value) => Type switch
    {
        ParamType.String => value.ValueKind == JsonValueKind.String,
        ParamType.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        ParamType.Number => value.ValueKind == JsonValueKind.Number,
        ParamType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ParamType.Array => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };
}
