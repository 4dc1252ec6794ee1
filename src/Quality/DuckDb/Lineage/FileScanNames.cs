using System.Text;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Replaces calls that scan a file by the name of the table that stands for it, so that a statement binds without opening files.</summary>
internal static class FileScanNames
{
    private static readonly HashSet<string> Scans = new(StringComparer.OrdinalIgnoreCase)
    {
        "read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_ndjson",
    };

    /// <param name="sql">A statement.</param>
    /// <param name="isKnown">Whether a table stands for a path.</param>
    public static string Rewrite(string sql, Func<string, bool> isKnown)
    {
        var tokens = SqlScanner.Tokens(sql).ToList();
        StringBuilder? text = null;
        var copied = 0;
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (!Scans.Contains(tokens[i].Value) || !tokens[i].IsName || !tokens[i + 1].Is("(") || tokens[i + 2].Kind != SqlTokenKind.Text || !isKnown(tokens[i + 2].Value))
            {
                continue;
            }

            var close = Close(tokens, i + 1);
            text ??= new StringBuilder();
            text.Append(sql, copied, tokens[i].Start - copied).Append(SqlText.Identifier(tokens[i + 2].Value));
            copied = tokens[close].End;
            i = close;
        }

        return text is null ? sql : text.Append(sql, copied, sql.Length - copied).ToString();
    }

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
