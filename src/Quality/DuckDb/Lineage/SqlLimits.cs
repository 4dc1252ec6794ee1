namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>What a statement may ask of a parser and a binder that recurse as deep as the text nests.</summary>
/// <remarks>
/// DuckDB binds nested queries, joins and set operations by recursion on the native stack, which no exception guards: a text that nests
/// without end would end the process. What is beyond these limits is told by its tables alone.
/// </remarks>
internal static class SqlLimits
{
    public const int LengthMax = 4 * 1024 * 1024;
    public const int DepthMax = 250;
    public const int LinksMax = 1_000;

    private static readonly string[] Links = ["join", "union", "intersect", "except", "select"];

    /// <exception cref="LineageNotFoundException">The statement is beyond a limit; the message says which.</exception>
    public static void Check(string sql)
    {
        if (sql.Length > LengthMax)
        {
            throw new LineageNotFoundException($"The statement has {sql.Length} characters, more than {LengthMax}.");
        }

        var (depth, links) = (0, 0);
        foreach (var token in SqlScanner.Tokens(sql))
        {
            depth += token.Is("(") || token.Is("[") || token.Is("{") || token.Is("case") ? 1 : token.Is(")") || token.Is("]") || token.Is("}") || token.Is("end") ? -1 : 0;
            links += IsLink(token) ? 1 : 0;
            if (depth > DepthMax)
            {
                throw new LineageNotFoundException($"The statement nests deeper than {DepthMax}.");
            }

            if (links > LinksMax)
            {
                throw new LineageNotFoundException($"The statement has more than {LinksMax} joins, set operations and queries.");
            }
        }
    }

    private static bool IsLink(SqlToken token) => Links.Any(token.Is);
}
