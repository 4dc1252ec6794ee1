namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>A place in a statement's tokens.</summary>
internal sealed class TokenCursor(string sql)
{
    private readonly SqlToken[] _tokens = [.. SqlScanner.Tokens(sql)];

    public int Position { get; set; }

    public bool AtEnd => Position >= _tokens.Length;

    public SqlToken Current => AtEnd ? new SqlToken(SqlTokenKind.Symbol, string.Empty, sql.Length, sql.Length) : _tokens[Position];

    public bool Is(params IEnumerable<string> words)
    {
        var at = Position;
        foreach (var word in words)
        {
            if (at >= _tokens.Length || !_tokens[at++].Is(word))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Steps over words when all of them come next.</summary>
    public bool Skip(params string[] words)
    {
        if (!Is(words))
        {
            return false;
        }

        Position += words.Length;
        return true;
    }

    public string Text(int from, int to) => Math.Min(to, _tokens.Length) is var end && end <= from ? string.Empty : sql[_tokens[from].Start.._tokens[end - 1].End];

    /// <summary>The text from here to the end.</summary>
    public string Rest => AtEnd ? string.Empty : sql[Current.Start..];

    /// <summary>A dotted name, without the default catalog and schema; null when no name comes next.</summary>
    public string? Name()
    {
        List<string> parts = [];
        while (Current.IsName)
        {
            parts.Add(Current.Value);
            Position++;
            if (!Skip("."))
            {
                break;
            }
        }

        return parts.Count == 0 ? null : TableNames.Of(parts.Count > 2 ? parts[^3] : null, parts.Count > 1 ? parts[^2] : null, parts[^1]);
    }

    /// <summary>Steps to the next of some words outside parentheses and CASE, or to the end.</summary>
    public void SkipTo(params string[] words)
    {
        for (int depth = 0, cases = 0; !AtEnd; Position++)
        {
            if (depth == 0 && cases == 0 && words.Any(w => Current.Is(w)))
            {
                return;
            }

            depth += Current.Is("(") || Current.Is("[") || Current.Is("{") ? 1 : Current.Is(")") || Current.Is("]") || Current.Is("}") ? -1 : 0;
            cases += Current.Is("case") ? 1 : Current.Is("end") && cases > 0 ? -1 : 0;
        }
    }

    /// <summary>The names in a parenthesised list; empty when none comes next.</summary>
    public IReadOnlyList<string> NameList()
    {
        if (!Is("("))
        {
            return [];
        }

        var start = Position;
        List<string> names = [];
        for (Position++; !AtEnd && !Is(")"); Position++)
        {
            if (!Current.IsName && !Is(","))
            {
                // Not a list of names but a query in parentheses.
                Position = start;
                return [];
            }

            if (Current.IsName)
            {
                names.Add(Current.Value);
            }
        }

        Skip(")");
        return names;
    }
}
