namespace DataPlatform.Quality.Rules;

/// <summary>Type names of the SQL dialect: aliases and what can be asked of each.</summary>
public static class SqlTypes
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["INT8"] = "BIGINT",
        ["LONG"] = "BIGINT",
        ["INT"] = "INTEGER",
        ["INT4"] = "INTEGER",
        ["SIGNED"] = "INTEGER",
        ["INT2"] = "SMALLINT",
        ["SHORT"] = "SMALLINT",
        ["INT1"] = "TINYINT",
        ["BYTE"] = "TINYINT",
        ["FLOAT8"] = "DOUBLE",
        ["DOUBLE PRECISION"] = "DOUBLE",
        ["FLOAT4"] = "FLOAT",
        ["REAL"] = "FLOAT",
        ["STRING"] = "VARCHAR",
        ["TEXT"] = "VARCHAR",
        ["CHAR"] = "VARCHAR",
        ["BPCHAR"] = "VARCHAR",
        ["BOOL"] = "BOOLEAN",
        ["LOGICAL"] = "BOOLEAN",
        ["BINARY"] = "BLOB",
        ["BYTEA"] = "BLOB",
        ["VARBINARY"] = "BLOB",
        ["TIMESTAMPTZ"] = "TIMESTAMP WITH TIME ZONE",
        ["DATETIME"] = "TIMESTAMP",
        ["TIMESTAMP_NTZ"] = "TIMESTAMP",
        ["INT64"] = "BIGINT",
        ["INT32"] = "INTEGER",
        ["INT16"] = "SMALLINT",
        ["INT128"] = "HUGEINT",
        ["INTEGRAL"] = "INTEGER",
        ["UINT8"] = "UTINYINT",
        ["UINT16"] = "USMALLINT",
        ["UINT32"] = "UINTEGER",
        ["UINT64"] = "UBIGINT",
        ["NVARCHAR"] = "VARCHAR",
        ["TIMESTAMP_US"] = "TIMESTAMP",
        ["TIMESTAMP WITHOUT TIME ZONE"] = "TIMESTAMP",
        ["TIMETZ"] = "TIME WITH TIME ZONE",
        ["GUID"] = "UUID",
        ["DEC"] = "DECIMAL(18,3)",
        ["NUMERIC"] = "DECIMAL(18,3)",
        ["DECIMAL"] = "DECIMAL(18,3)",
    };

    /// <summary>The one spelling of a type: upper case, no alias, no superfluous blank.</summary>
    /// <param name="type">A type name, for example <c>numeric(18, 2)</c>.</param>
    public static string Normalize(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var text = string.Join(' ', type.ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        text = text.Replace(", ", ",", StringComparison.Ordinal).Replace(" (", "(", StringComparison.Ordinal).Replace("NUMERIC(", "DECIMAL(", StringComparison.Ordinal);
        if (text.EndsWith("[]", StringComparison.Ordinal))
        {
            return Normalize(text[..^2]) + "[]";
        }

        // A length says nothing of the values of a text, and a decimal that names no digits after the point has none.
        var bracket = text.EndsWith(')') ? text.IndexOf('(', StringComparison.Ordinal) : -1;
        return bracket > 0 && Aliases.GetValueOrDefault(text[..bracket], text[..bracket]) == "VARCHAR" ? "VARCHAR"
            : text.StartsWith("DECIMAL(", StringComparison.Ordinal) && text.EndsWith(')') && !text.Contains(',', StringComparison.Ordinal) ? text[..^1] + ",0)"
            : Aliases.GetValueOrDefault(text, text);
    }

    /// <summary>What can be asked of a column of a type.</summary>
    /// <param name="type">A type name.</param>
    public static Metrics.ColumnFamily Family(string type) => Normalize(type) switch
    {
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT"
            or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" or "UHUGEINT" => Metrics.ColumnFamily.Integer,
        "FLOAT" or "DOUBLE" => Metrics.ColumnFamily.Float,
        "VARCHAR" => Metrics.ColumnFamily.Text,
        "BOOLEAN" => Metrics.ColumnFamily.Boolean,
        "DATE" => Metrics.ColumnFamily.Date,
        "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => Metrics.ColumnFamily.Timestamp,
        "TIMESTAMP WITH TIME ZONE" => Metrics.ColumnFamily.Instant,
        var t when t.StartsWith("DECIMAL(", StringComparison.Ordinal) && !t.EndsWith(']') => Metrics.ColumnFamily.Decimal,
        var t when t.StartsWith("ENUM(", StringComparison.Ordinal) => Metrics.ColumnFamily.Text,
        _ => Metrics.ColumnFamily.Other,
    };
}
