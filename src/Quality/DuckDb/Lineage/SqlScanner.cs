namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Cuts SQL into tokens and scripts into statements, with DuckDB's quoting: '', "", E'', $tag$, --, nested /* */.</summary>
internal static class SqlScanner
{
    /// <summary>The statements of a script, each without its semicolon; empty ones are left out.</summary>
    public static IReadOnlyList<string> Statements(string script)
    {
        List<string> statements = [];
        var start = 0;
        var hasTokens = false;
        foreach (var token in Tokens(script))
        {
            if (token.Is(";"))
            {
                Cut(token.Start);
                start = token.End;
                hasTokens = false;
            }
            else
            {
                hasTokens = true;
            }
        }

        Cut(script.Length);
        return statements;

        void Cut(int end)
        {
            if (hasTokens)
            {
                statements.Add(script[start..end].Trim());
            }
        }
    }

    /// <summary>The tokens of a text. An unclosed quote or comment ends with the text.</summary>
    public static IEnumerable<SqlToken> Tokens(string sql)
    {
        for (var at = 0; at < sql.Length;)
        {
            var skipped = SkipBlank(sql, at);
            if (skipped > at)
            {
                at = skipped;
                continue;
            }

            var token = Next(sql, at);
            at = token.End;
            yield return token;
        }
    }

    private static int SkipBlank(string sql, int at)
    {
        if (char.IsWhiteSpace(sql[at]))
        {
            return at + 1;
        }

        if (Starts(sql, at, "--"))
        {
            var end = sql.IndexOf('\n', at);
            return end < 0 ? sql.Length : end + 1;
        }

        return Starts(sql, at, "/*") ? EndOfComment(sql, at) : at;
    }

    private static int EndOfComment(string sql, int at)
    {
        var depth = 0;
        while (at < sql.Length)
        {
            if (Starts(sql, at, "/*"))
            {
                depth++;
                at += 2;
            }
            else if (Starts(sql, at, "*/"))
            {
                at += 2;
                if (--depth == 0)
                {
                    return at;
                }
            }
            else
            {
                at++;
            }
        }

        return at;
    }

    private static SqlToken Next(string sql, int at)
    {
        var c = sql[at];
        if (c is '\'' or '"')
        {
            return Quoted(sql, at, at, c, escapes: false);
        }

        if (c is 'e' or 'E' && at + 1 < sql.Length && sql[at + 1] == '\'')
        {
            return Quoted(sql, at, at + 1, '\'', escapes: true);
        }

        if (c == '$' && DollarTag(sql, at) is { } tag)
        {
            var body = at + tag.Length;
            var close = sql.IndexOf(tag, body, StringComparison.Ordinal);
            return close < 0
                ? new SqlToken(SqlTokenKind.Text, sql[body..], at, sql.Length)
                : new SqlToken(SqlTokenKind.Text, sql[body..close], at, close + tag.Length);
        }

        if (IsWord(c))
        {
            var end = at;
            while (end < sql.Length && (IsWord(sql[end]) || (char.IsDigit(c) && sql[end] == '.')))
            {
                end++;
            }

            return new SqlToken(char.IsDigit(c) ? SqlTokenKind.Number : SqlTokenKind.Word, sql[at..end], at, end);
        }

        return new SqlToken(SqlTokenKind.Symbol, sql[at..(at + 1)], at, at + 1);
    }

    private static SqlToken Quoted(string sql, int start, int open, char quote, bool escapes)
    {
        var value = new System.Text.StringBuilder();
        var at = open + 1;
        for (; at < sql.Length; at++)
        {
            if (escapes && sql[at] == '\\' && at + 1 < sql.Length)
            {
                value.Append(sql[++at]);
            }
            else if (sql[at] != quote)
            {
                value.Append(sql[at]);
            }
            else if (at + 1 < sql.Length && sql[at + 1] == quote)
            {
                value.Append(quote);
                at++;
            }
            else
            {
                break;
            }
        }

        return new SqlToken(quote == '"' ? SqlTokenKind.Quoted : SqlTokenKind.Text, value.ToString(), start, Math.Min(at + 1, sql.Length));
    }

    /// <summary><c>$$</c> or <c>$name$</c> at a place; null for a parameter such as <c>$1</c>.</summary>
    private static string? DollarTag(string sql, int at)
    {
        var end = at + 1;
        while (end < sql.Length && IsWord(sql[end]) && sql[end] != '$')
        {
            end++;
        }

        return end < sql.Length && sql[end] == '$' && (end == at + 1 || !char.IsDigit(sql[at + 1])) ? sql[at..(end + 1)] : null;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c is '_' || c > 127;

    private static bool Starts(string sql, int at, string what) => string.CompareOrdinal(sql, at, what, 0, what.Length) == 0;
}
