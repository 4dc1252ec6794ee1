namespace DataPlatform.Streaming.State;

/// <summary>
/// Takes the text of a layout apart: <c>name(part,part)</c> or <c>name{part;part}</c>, where a part may itself have parts. Commas and
/// semicolons both separate.
/// </summary>
internal static class SchemaText
{
    /// <summary>Splits <c>name(...)</c> into its parts.</summary>
    /// <returns>False when the text is not of that name, or its brackets do not match.</returns>
    public static bool TryOpen(string schema, string name, out IReadOnlyList<string> parts)
    {
        List<string> found = [];
        parts = found;
        if (schema.Length < name.Length + 2 || !schema.StartsWith(name, StringComparison.Ordinal) || !IsPair(schema[name.Length], schema[^1]))
        {
            return false;
        }

        var depth = 0;
        var from = name.Length + 1;
        for (var at = from; at < schema.Length - 1; at++)
        {
            depth += schema[at] is '(' or '{' ? 1 : schema[at] is ')' or '}' ? -1 : 0;
            if (depth < 0)
            {
                return false;
            }

            if (depth == 0 && schema[at] is ',' or ';')
            {
                found.Add(schema[from..at]);
                from = at + 1;
            }
        }

        if (from < schema.Length - 1)
        {
            found.Add(schema[from..^1]);
        }

        return depth == 0;
    }

    /// <summary>The name in front of the bracket, or the whole text where there is none.</summary>
    public static string NameOf(string schema)
    {
        var at = schema.AsSpan().IndexOfAny('(', '{');
        return at < 0 ? schema : schema[..at];
    }

    private static bool IsPair(char open, char close) => (open, close) is ('(', ')') or ('{', '}');
}
