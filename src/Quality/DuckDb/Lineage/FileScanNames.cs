using System.Text;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Replaces calls that scan a file by the name of the table that stands for it, so that a statement binds without opening files.</summary>
internal static class FileScanNames
{
    private static readonly HashSet<string> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        "read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "sniff_csv", "read_json", "read_json_auto", "read_json_objects", "read_ndjson", "read_ndjson_auto",
        "read_text", "read_blob", "read_xlsx", "read_avro", "delta_scan", "iceberg_scan",
    };

    private static readonly string[] Endings = [".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".gz", ".zst", ".txt", ".xlsx", ".avro"];

    /// <summary>Whether a table function's rows are those of the files that its first argument names.</summary>
    public static bool IsScan(string function) => Functions.Contains(function);

    /// <summary>Whether a name ends as names of files do.</summary>
    public static bool IsFile(string name) => Endings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <param name="sql">A statement.</param>
    /// <param name="isKnown">Whether a table stands for a path.</param>
    public static string Rewrite(string sql, Func<string, bool> isKnown)
    {
        if (!Functions.Any(f => sql.Contains(f, StringComparison.OrdinalIgnoreCase)))
        {
            return sql;
        }

        var tokens = SqlScanner.Tokens(sql).ToList();
        StringBuilder? text = null;
        var copied = 0;
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (!tokens[i].IsName || !IsScan(tokens[i].Value) || !tokens[i + 1].Is("(") || Paths(tokens, i + 2) is not { Count: > 0 } paths || !paths.All(isKnown))
            {
                continue;
            }

            var close = Close(tokens, i + 1);
            text ??= new StringBuilder();
            text.Append(sql, copied, tokens[i].Start - copied).Append(Relation(paths));
            copied = tokens[close].End;
            i = close;
        }

        return text is null ? sql : text.Append(sql, copied, sql.Length - copied).ToString();
    }

    /// <summary>The path, or the paths in brackets, at a place; empty when something else is there.</summary>
    private static List<string> Paths(List<SqlToken> tokens, int at)
    {
        if (!tokens[at].Is("["))
        {
            return tokens[at].Kind == SqlTokenKind.Text ? [tokens[at].Value] : [];
        }

        var inside = tokens.Skip(at + 1).TakeWhile(t => !t.Is("]")).ToList();
        return inside.All(t => t.Kind == SqlTokenKind.Text || t.Is(",")) ? [.. inside.Where(t => t.Kind == SqlTokenKind.Text).Select(t => t.Value)] : [];
    }

    private static string Relation(List<string> paths) => paths is [var only]
        ? SqlText.Identifier(only)
        : $"({string.Join(" UNION ALL BY NAME ", paths.Select(p => $"FROM {SqlText.Identifier(p)}"))})";

    private static int Close(List<SqlToken> tokens, int open)
    {
        var depth = 0;
        for (var i = open; i < tokens.Count; i++)
        {
            depth += tokens[i].Is("(") ? 1 : tokens[i].Is(")") ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return tokens.Count - 1;
    }
}
