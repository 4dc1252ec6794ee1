using System.Text.Json;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Reads properties of DuckDB's serialized trees, where an absent list is an empty one.</summary>
internal static class PlanJson
{
    // A long UNION or a deep CASE nests far beyond the reader's default of 64.
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = 16_384 };

    public static IEnumerable<JsonElement> List(this JsonElement node, string name)
        => node.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    public static string? Text(this JsonElement node, string name)
        => node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static JsonElement? Object(this JsonElement node, string name)
        => node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    public static int Int(this JsonElement node, string name, int absent = 0)
        => node.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : absent;

    public static bool Flag(this JsonElement node, string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A position; null for DuckDB's "no position", the largest unsigned number.</summary>
    public static int? Position(this JsonElement value) => value.TryGetInt32(out var number) ? number : null;
}
