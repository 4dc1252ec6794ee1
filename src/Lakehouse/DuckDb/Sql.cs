using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>Pieces of DuckDB SQL.</summary>
internal static class Sql
{
    /// <summary>A quoted identifier.</summary>
    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>A text literal.</summary>
    public static string Text(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A file path as a literal that matches itself alone: read_parquet takes patterns.</summary>
    public static string File(string path)
    {
        if (path.AsSpan().IndexOfAny("*?[") < 0)
        {
            return Text(path);
        }

        var pattern = new System.Text.StringBuilder(path.Length + 8);
        foreach (var c in path)
        {
            _ = c is '*' or '?' or '[' ? pattern.Append('[').Append(c).Append(']') : pattern.Append(c);
        }

        return Text(pattern.ToString());
    }

    /// <summary>The DuckDB type that holds a Delta type.</summary>
    public static string Type(DeltaType type) => type switch
    {
        PrimitiveType primitive => primitive.Kind switch
        {
            PrimitiveKind.String => "VARCHAR",
            PrimitiveKind.Long => "BIGINT",
            PrimitiveKind.Integer => "INTEGER",
            PrimitiveKind.Short => "SMALLINT",
            PrimitiveKind.Byte => "TINYINT",
            PrimitiveKind.Float => "FLOAT",
            PrimitiveKind.Double => "DOUBLE",
            PrimitiveKind.Boolean => "BOOLEAN",
            PrimitiveKind.Binary => "BLOB",
            PrimitiveKind.Date => "DATE",
            PrimitiveKind.Timestamp => "TIMESTAMPTZ",
            PrimitiveKind.TimestampNtz => "TIMESTAMP",
            PrimitiveKind.Void => "INTEGER",
            PrimitiveKind.Variant => "STRUCT(\"value\" BLOB, metadata BLOB)",
            _ => throw new System.Diagnostics.UnreachableException(primitive.Name),
        },
        DecimalType number => $"DECIMAL({number.Precision},{number.Scale})",
        ArrayType array => Type(array.Element) + "[]",
        MapType map => $"MAP({Type(map.Key)}, {Type(map.Value)})",
        StructType { Fields.Count: 0 } => throw DeltaException.Invalid("DuckDB has no struct without fields."),
        StructType structure => $"STRUCT({string.Join(", ", structure.Fields.Select(f => $"{Name(f.Name)} {Type(f.Type)}"))})",
        _ => throw new System.Diagnostics.UnreachableException(type.ToString()),
    };
}
