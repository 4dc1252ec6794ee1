namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>What a token is.</summary>
internal enum SqlTokenKind
{
    /// <summary>An unquoted word: a keyword or an identifier.</summary>
    Word,

    /// <summary>An identifier in double quotes; <see cref="SqlToken.Value"/> is without them.</summary>
    Quoted,

    /// <summary>A text; <see cref="SqlToken.Value"/> is its content.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One punctuation character.</summary>
    Symbol,
}

/// <summary>A piece of SQL that means something. Comments and blanks are no tokens.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Value, int Start, int End)
{
    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.Quoted;

    public bool Is(string word) => Kind is SqlTokenKind.Word or SqlTokenKind.Symbol && string.Equals(Value, word, StringComparison.OrdinalIgnoreCase);
}
