using System.Text.Json;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>How datasets are named: without the default catalog and schema.</summary>
internal static class TableNames
{
    private const string DefaultCatalog = "memory";
    private const string TemporaryCatalog = "temp";
    private const string DefaultSchema = "main";

    /// <summary>The name of a catalog entry in a plan.</summary>
    public static string Of(JsonElement entry) => Of(entry.Text("catalog"), entry.Text("schema"), entry.Text("table") ?? entry.Text("view_name")!);

    public static string Of(string? catalog, string? schema, string table)
    {
        var qualifiers = new[] { catalog, schema }.Where(q => !string.IsNullOrEmpty(q) && !IsDefault(q));
        return string.Join('.', [.. qualifiers, table]);
    }

    public static bool IsDefault(string qualifier)
        => qualifier.Equals(DefaultCatalog, StringComparison.OrdinalIgnoreCase)
            || qualifier.Equals(TemporaryCatalog, StringComparison.OrdinalIgnoreCase)
            || qualifier.Equals(DefaultSchema, StringComparison.OrdinalIgnoreCase);
}
