using System.Text;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>
/// Parameters of a prepared statement: <c>?</c>, <c>?1</c>, <c>$1</c>, <c>$name</c>. Where the binder would have to guess a parameter's type
/// its plan cannot be told, and a literal is put in the place.
/// </summary>
internal static class SqlParameters
{
    /// <summary>Literals to try, one after the other: what has an operator for neither is told from the parse tree.</summary>
    private static readonly string[] Literals = ["1", "'1'"];

    /// <param name="sql">A statement.</param>
    /// <returns>The statement with each literal in the place of its parameters; none when it has no parameter.</returns>
    public static IEnumerable<string> Substitutes(string sql)
    {
        var places = Places(sql);
        return places.Count == 0 ? [] : Literals.Select(literal => Put(sql, places, literal));
    }

    private static List<(int Start, int End)> Places(string sql)
    {
        List<(int Start, int End)> places = [];
        if (sql.AsSpan().IndexOfAny('?', '$') < 0)
        {
            return places;
        }

        var tokens = SqlScanner.Tokens(sql).ToList();
        for (var i = 0; i < tokens.Count; i++)
        {
            var named = i + 1 < tokens.Count && tokens[i + 1].Start == tokens[i].End && tokens[i + 1].Kind is SqlTokenKind.Number or SqlTokenKind.Word;
            if (tokens[i].Is("$") && named)
            {
                places.Add((tokens[i].Start, tokens[i + 1].End));
            }
            else if (tokens[i].Is("?"))
            {
                places.Add((tokens[i].Start, named && tokens[i + 1].Kind == SqlTokenKind.Number ? tokens[i + 1].End : tokens[i].End));
            }
        }

        return places;
    }

    private static string Put(string sql, List<(int Start, int End)> places, string literal)
    {
        var text = new StringBuilder();
        var copied = 0;
        foreach (var (start, end) in places)
        {
            text.Append(sql, copied, start - copied).Append(literal);
            copied = end;
        }

        return text.Append(sql, copied, sql.Length - copied).ToString();
    }
}
