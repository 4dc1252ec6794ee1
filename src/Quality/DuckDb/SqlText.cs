using DataPlatform.Kernel;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Identifiers and values as SQL text that can mean nothing else.</summary>
internal static class SqlText
{
    private const int ShownMax = 200;

    /// <summary>SQL of an author as messages quote it: its beginning, where it is long.</summary>
    public static string Shown(string sql) => sql.Length <= ShownMax ? sql : sql[..ShownMax] + "...";

    /// <summary>One identifier in double quotes.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A relation's name; dots separate catalog, schema and table.</summary>
    public static string Relation(string name) => string.Join('.', name.Split('.').Select(Identifier));

    public static string Columns(IEnumerable<string> names, string prefix = "") => string.Join(", ", names.Select(n => prefix + Identifier(n)));

    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A value as a literal of its own type, so that no conversion depends on the column it meets.</summary>
    public static string Literal(RuleValue value) => value.Kind switch
    {
        RuleValueKind.Integer or RuleValueKind.Decimal => $"({value.Text})",
        RuleValueKind.Double => $"CAST({Text(value.Text)} AS DOUBLE)",
        RuleValueKind.Text => Text(value.Text),
        RuleValueKind.Boolean => value.Text,
        RuleValueKind.Date => $"DATE {Text(value.Text)}",
        RuleValueKind.Timestamp => $"TIMESTAMP {Text(value.Text)}",
        RuleValueKind.Instant => $"TIMESTAMPTZ {Text(value.Text + "+00")}",
        _ => throw new QualityException(ErrorKind.Invalid, $"A rule's value of kind {value.Kind} has no SQL form."),
    };

    /// <summary>All conditions hold; null when there are none.</summary>
    public static string? And(params IEnumerable<string?> conditions)
    {
        var given = conditions.Where(c => c is not null).ToList();
        return given.Count == 0 ? null : string.Join(" AND ", given);
    }

    public static string Where(string? condition) => condition is null ? "" : $" WHERE {condition}";

    /// <summary>An author's expression, closed off: the line break ends a comment it may end with.</summary>
    public static string? Closed(string? expression) => expression is null ? null : $"({expression}\n)";
}
