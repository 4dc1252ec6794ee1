using System.Text;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>
/// PIVOT without IN makes a column of each value that it finds, so only data knows its columns. For binding, one value stands for all of
/// them; the column made of it is <c>*</c>.
/// </summary>
internal static class OpenPivots
{
    /// <summary>The value that stands for all.</summary>
    public const char AnyValue = '*';

    private static readonly string[] Ends = ["using", "group", "order", "limit"];

    /// <param name="sql">A statement.</param>
    /// <returns>The statement with an IN for each pivot that has none; null when there is no such pivot.</returns>
    public static string? Close(string sql)
    {
        var tokens = SqlScanner.Tokens(sql).ToList();
        List<(int Start, int End)> open = [];
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Is("pivot") || tokens[i].Is("pivot_wider"))
            {
                Collect(tokens, i + 1, open);
            }
        }

        if (open.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder();
        var copied = 0;

        // A pivot of a pivot is met after the one around it, though it stands before the other's columns.
        foreach (var (start, end) in open.OrderBy(o => o.Start).ToList())
        {
            if (start < copied)
            {
                continue;
            }

            // Values of any type are compared as texts.
            text.Append(sql, copied, start - copied).Append("CAST(").Append(sql, start, end - start).Append(" AS VARCHAR) IN ('").Append(AnyValue).Append("')");
            copied = end;
        }

        return text.Append(sql, copied, sql.Length - copied).ToString();
    }

    /// <summary>The expressions of an ON clause that have no IN.</summary>
    private static void Collect(List<SqlToken> tokens, int at, List<(int Start, int End)> open)
    {
        var depth = 0;
        for (; at < tokens.Count && !(depth == 0 && tokens[at].Is("on")); at++)
        {
            depth += Step(tokens[at]);
            if (depth < 0 || (depth == 0 && Ends.Any(tokens[at].Is)))
            {
                return;
            }
        }

        var (first, hasIn) = (at + 1, false);
        for (at++; at <= tokens.Count; at++)
        {
            var isEnd = at == tokens.Count || (depth == 0 && (tokens[at].Is(")") || Ends.Any(tokens[at].Is)));
            if (isEnd || (depth == 0 && tokens[at].Is(",")))
            {
                if (!hasIn && at > first)
                {
                    open.Add((tokens[first].Start, tokens[at - 1].End));
                }

                (first, hasIn) = (at + 1, false);
            }

            if (isEnd)
            {
                return;
            }

            hasIn |= depth == 0 && tokens[at].Is("in");
            depth += Step(tokens[at]);
        }
    }

    private static int Step(SqlToken token)
        => token.Is("(") || token.Is("[") || token.Is("{") ? 1 : token.Is(")") || token.Is("]") || token.Is("}") ? -1 : 0;
}
