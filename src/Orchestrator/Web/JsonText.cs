using System.Text.Json;

namespace DataPlatform.Orchestrator.Web;

/// <summary>JSON that the store keeps as text.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The value of a text; null for no text. A text that was cut to its length is given as a string.</summary>
    public static JsonElement? Element(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(json);
        }
    }

    /// <summary>A text as people read it, cut to a length.</summary>
    public static string Pretty(string json, int lengthMax)
    {
        var text = JsonSerializer.Serialize(Element(json), Indented);
        return text.Length <= lengthMax ? text : text[..lengthMax] + "\n…";
    }
}
