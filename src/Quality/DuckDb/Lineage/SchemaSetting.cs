namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>The setting that says in which schema names without one are looked for.</summary>
internal static class SchemaSetting
{
    /// <summary>
    /// <c>SET schema = 'x'</c> as <c>USE x</c>, which does the same and is let through where settings are locked; null for another statement.
    /// </summary>
    public static string? AsUse(string sql)
    {
        var at = new TokenCursor(sql);
        if (!at.Skip("set"))
        {
            return null;
        }

        _ = at.Skip("session") || at.Skip("local") || at.Skip("global");
        if (!at.Skip("schema") && !at.Skip("search_path"))
        {
            return null;
        }

        _ = at.Skip("=") || at.Skip("to");
        return at.Current is { Kind: SqlTokenKind.Text or SqlTokenKind.Word or SqlTokenKind.Quoted, Value: var schema } && !schema.Contains(',', StringComparison.Ordinal)
            ? $"USE {SqlText.Relation(schema)}"
            : null;
    }
}
