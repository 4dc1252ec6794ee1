namespace DataPlatform.Lakehouse.Schemas;

/// <summary>
/// Columns at any depth, named by their path: <c>a.b</c> for a field of a struct, <c>a.element</c>, <c>a.key</c>, <c>a.value</c> for lists
/// and maps.
/// </summary>
internal static class SchemaPath
{
    /// <summary>
    /// The fields from the top one down to the named one, or null. Paths through lists and maps name no field of their own.
    /// </summary>
    public static IReadOnlyList<StructField>? Find(StructType schema, string path)
    {
        List<StructField> found = [];
        DeltaType type = schema;
        foreach (var part in path.Split('.'))
        {
            if ((type as StructType)?.Find(part) is not { } field)
            {
                return null;
            }

            found.Add(field);
            type = field.Type;
        }

        return found;
    }

    /// <summary>The schema with one field replaced, or taken out where the change gives null.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="path">The field.</param>
    /// <param name="change">Gives the new field, told what is left of the path below it: <c>element</c>, <c>key</c>, <c>value</c> or
    /// nothing.</param>
    /// <exception cref="DeltaException">There is no such column.</exception>
    public static StructType Replace(StructType schema, string path, Func<StructField, string, StructField?> change)
        => Replace(schema, path.Split('.'), 0, path, change);

    private static StructType Replace(
        StructType schema, string[] parts, int depth, string path, Func<StructField, string, StructField?> change)
    {
        var field = schema.Find(parts[depth])
            ?? throw DeltaException.Invalid($"There is no column '{path}'; '{string.Join('.', parts[..(depth + 1)])}' is not one.");
        var isLast = depth == parts.Length - 1;
        var replaced = isLast ? change(field, string.Empty)
            : field.Type is StructType nested ? field with { Type = Replace(nested, parts, depth + 1, path, change) }
            : change(field, string.Join('.', parts[(depth + 1)..]));
        return new StructType([.. schema.Fields.Select(f => f.Name == field.Name ? replaced : f).OfType<StructField>()]);
    }
}
