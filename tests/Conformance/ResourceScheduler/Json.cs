using System.Text.Json;

namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>Reading case fields that may be absent.</summary>
internal static class Json
{
    public static JsonElement? At(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;

    public static string? Text(this JsonElement element, string name) => element.At(name)?.GetString();

    public static double Number(this JsonElement element, string name, double absent = 0)
        => element.At(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : absent;

    public static int Whole(this JsonElement element, string name, int absent = 0) => (int)element.Number(name, absent);

    public static bool Flag(this JsonElement element, string name, bool absent = false)
        => element.At(name) is { } value ? value.ValueKind == JsonValueKind.True : absent;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name)
        => element.At(name)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    public static IEnumerable<JsonProperty> Fields(this JsonElement element, string name)
        => element.At(name)?.EnumerateObject() ?? Enumerable.Empty<JsonProperty>();

    public static double[] Numbers(this JsonElement element, string name) => [.. element.Items(name).Select(item => item.GetDouble())];

    public static string[] Texts(this JsonElement element, string name) => [.. element.Items(name).Select(item => item.GetString()!)];

    /// <summary>An amount that is given plainly or as an object with one member per resource.</summary>
    public static double Amount(this JsonElement element, string name, string resource, double absent = 0)
        => element.At(name) switch
        {
            { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
            { ValueKind: JsonValueKind.Object } value => value.Number(resource, absent),
            _ => absent,
        };
}
