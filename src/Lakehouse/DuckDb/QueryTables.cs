using System.Text.Json;
using DuckDB.NET.Data;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>The names of tables and views in a query's text, by DuckDB's own parser.</summary>
internal static class QueryTables
{
    /// <summary>Trees of deep expressions nest far; beyond this the query is told without its inputs.</summary>
    private const int DepthMax = 1_000;

    /// <summary>The names, each once, in order of mention; empty for a text whose tree cannot be had.</summary>
    /// <param name="query">The engine.</param>
    /// <param name="sql">The query.</param>
    public static IReadOnlyList<string> Of(LakeQuery query, string sql)
    {
        using var command = query.Connection.CreateCommand();
        command.CommandText = "SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_empty := true)";
        command.Parameters.Add(new DuckDBParameter(string.Empty) { Value = sql });
        var (tables, local) = (new List<string>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        try
        {
            using var tree = JsonDocument.Parse((string)command.ExecuteScalar()!, new JsonDocumentOptions { MaxDepth = DepthMax });
            Walk(tree.RootElement, tables, local);
        }
        catch (Exception exception) when (exception is DuckDBException or JsonException)
        {
            return [];
        }

        // A common table expression stands before a view of its name.
        return [.. tables.Where(name => !local.Contains(name)).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static void Walk(JsonElement node, List<string> tables, HashSet<string> local)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in node.EnumerateArray())
            {
                Walk(item, tables, local);
            }
        }
        else if (node.ValueKind == JsonValueKind.Object)
        {
            if (node.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("BASE_TABLE") && node.TryGetProperty("table_name", out var name))
            {
                tables.Add(name.GetString()!);
            }

            foreach (var property in node.EnumerateObject())
            {
                if (property.NameEquals("cte_map") && property.Value.TryGetProperty("map", out var map))
                {
                    local.UnionWith(map.EnumerateArray().Where(cte => cte.TryGetProperty("key", out _)).Select(cte => cte.GetProperty("key").GetString()!));
                }

                Walk(property.Value, tables, local);
            }
        }
    }
}
