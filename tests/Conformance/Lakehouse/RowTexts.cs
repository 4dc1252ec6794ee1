using System.Text.Json;
using DataPlatform.Lakehouse.DuckDb;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Rows as text: each value as DuckDB casts it to VARCHAR in UTC, binary as lower-case hex.</summary>
internal static class RowTexts
{
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    public static async Task<IReadOnlyList<string>> ColumnsAsync(LakeQuery lake, string relation, CancellationToken cancel)
    {
        List<string> columns = [];
        await using var rows = await lake.QueryAsync($"describe select * from {relation}", cancel);
        while (await rows.ReadAsync(cancel))
        {
            columns.Add(rows.GetString(0));
        }

        return columns;
    }

    public static async Task<IReadOnlyList<string>> TypesAsync(LakeQuery lake, string relation, string[] columns, CancellationToken cancel)
    {
        List<string> types = [];
        await using var rows = await lake.QueryAsync($"describe select {string.Join(", ", columns.Select(Quote))} from {relation}", cancel);
        while (await rows.ReadAsync(cancel))
        {
            types.Add(rows.GetString(1));
        }

        return types;
    }

    public static async Task<IReadOnlyList<string>> ReadAsync(LakeQuery lake, string relation, string[] columns, CancellationToken cancel)
    {
        var types = await TypesAsync(lake, relation, columns, cancel);
        var texts = columns.Select((c, i) => types[i] == "BLOB" ? $"lower(hex({Quote(c)}))" : $"cast({Quote(c)} as varchar)");
        List<string> found = [];
        await using var rows = await lake.QueryAsync($"select {string.Join(", ", texts)} from {relation}", cancel);
        while (await rows.ReadAsync(cancel))
        {
            found.Add(Join(columns, i => rows.IsDBNull(i) ? null : rows.GetString(i)));
        }

        return found;
    }

    public static IReadOnlyList<string> Parse(IEnumerable<string> lines, string[] columns)
    {
        List<string> parsed = [];
        foreach (var line in lines)
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            parsed.Add(Join(columns, i => row.TryGetProperty(columns[i], out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null));
        }

        return parsed;
    }

    private static string Join(string[] columns, Func<int, string?> value)
        => string.Join(" | ", Enumerable.Range(0, columns.Length).Select(i => $"{columns[i]}={value(i) ?? "<null>"}"));
}
