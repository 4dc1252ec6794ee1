using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>The last resort: names that stand where only tables can.</summary>
internal static class TableLevel
{
    private static readonly string[] Before = ["from", "join", "using", "pivot", "unpivot", "summarize", "describe"];

    public static StatementLineage Read(string sql, StatementHead head, double confidence, string? problem)
    {
        var result = new LineageResult { Output = head.Target };
        var commonTables = CommonTables(sql);
        var at = new TokenCursor(sql);
        while (!at.AtEnd)
        {
            if (!Before.Any(w => at.Is(w)))
            {
                at.Position++;
                continue;
            }

            at.Position++;
            if (at.Current.Kind == SqlTokenKind.Text)
            {
                result.Inputs.Add(at.Current.Value);
            }
            else if (at.Name() is { } name && !at.Is("(") && !commonTables.Contains(name) && !Reserved(name))
            {
                result.Inputs.Add(name);
            }
        }

        return result.ToStatement(sql, LineageTier.TableLevel, confidence, problem);
    }

    private static HashSet<string> CommonTables(string sql)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        var tokens = SqlScanner.Tokens(sql).ToList();
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (tokens[i].IsName && tokens[i + 1].Is("as") && tokens[i + 2].Is("("))
            {
                names.Add(tokens[i].Value);
            }
        }

        return names;
    }

    private static bool Reserved(string name) => name.ToUpperInvariant() is "SELECT" or "LATERAL" or "VALUES";
}
