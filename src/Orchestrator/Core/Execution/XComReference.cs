using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a store keeps in the place of a large value: <c>{"$xcom":{"path":…,"bytes":…,"sha256":…,"items":…}}</c>.</summary>
/// <param name="Path">The object.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its checksum, hexadecimal.</param>
/// <param name="Items">Elements that can be mapped over; null when the value is no list.</param>
internal sealed record XComReference(string Path, long Bytes, string Sha256, int? Items)
{
    private const string Mark = "$xcom";
    private const string Start = "{\"" + Mark + "\":";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string ToJson() => $"{Start}{JsonSerializer.Serialize(this, Options)}}}";

    /// <summary>Whether a value would be taken for a reference.</summary>
    public static bool IsReserved(string json)
    {
        if (!json.Contains(Mark, StringComparison.Ordinal))
        {
            return false;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(Mark, out _);
    }

    /// <summary>The reference that a stored value is; null for a value that stands for itself.</summary>
    public static XComReference? Parse(string json)
    {
        if (!json.StartsWith(Start, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty(Mark).Deserialize<XComReference>(Options);
        }
        catch (JsonException exception)
        {
            throw new XComException($"a stored reference to a large value cannot be read: {exception.Message}", exception);
        }
    }
}
