using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>
/// The second path to a table's rows: plain DuckDB <c>read_parquet</c> over the live files of the independent replay, with partition values
/// and deletion vectors put in by hand.
/// </summary>
public static class PlainReader
{
    /// <summary>The rows of a version as one text each, in order of the text.</summary>
    /// <param name="table">The table's folder.</param>
    /// <param name="state">The replayed state.</param>
    /// <returns>The rows; null where the schema has something that plain SQL does not name, such as mapped nested columns.</returns>
    public static IReadOnlyList<string>? Rows(string table, TableState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (ToSql(table, state) is not { } sql)
        {
            return null;
        }

        using var duck = DuckRows.Open();
        return [.. DuckRows.Of(duck, $"SELECT r::VARCHAR FROM ({sql}) r").Select(r => r[0]!).Order(StringComparer.Ordinal)];
    }

    /// <summary>A query over the live files; null as for <see cref="Rows"/>.</summary>
    public static string? ToSql(string table, TableState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var fields = state.Schema.GetProperty("fields").EnumerateArray().ToArray();
        if (state.Files.Count == 0 || fields.Any(f => f.GetProperty("type").ValueKind != JsonValueKind.String))
        {
            return null;
        }

        using var duck = DuckRows.Open();
        return string.Join(" UNION ALL ", state.Files.Values.Select(f => OfFile(duck, table, state, fields, f)));
    }

    private static string OfFile(DuckDB.NET.Data.DuckDBConnection duck, string table, TableState state, JsonElement[] fields, LiveFile file)
    {
        var path = Path.Combine(table, file.Path);
        var length = new FileInfo(path).Length;
        if (length != file.Add.GetProperty("size").GetInt64())
        {
            throw new InvalidDataException($"'{file.Path}' has {length} bytes, the log says {file.Add.GetProperty("size")}.");
        }

        var pattern = DuckRows.Text(path.Replace("[", "[[]", StringComparison.Ordinal));
        var has = DuckRows.Of(duck, $"SELECT name FROM parquet_schema({pattern})").Select(r => r[0]!).ToHashSet(StringComparer.Ordinal);
        var partitions = state.Metadata!.Value.GetProperty("partitionColumns").EnumerateArray().Select(p => p.GetString()!).ToHashSet();
        var sql = new StringBuilder("SELECT ");
        sql.AppendJoin(", ", fields.Select(f =>
        {
            var (name, physical, type) = (
                f.GetProperty("name").GetString()!, StatsRules.PhysicalName(f), DuckType(f.GetProperty("type").GetString()!));
            var value = partitions.Contains(name)
                ? file.Add.GetProperty("partitionValues").GetProperty(physical).GetString() is { Length: > 0 } text ? DuckRows.Text(text)
                    : "NULL"
                : has.Contains(physical) ? DuckRows.Name(physical) : "NULL";
            return $"CAST({value} AS {type}) AS {DuckRows.Name(name)}";
        }));
        sql.Append(CultureInfo.InvariantCulture, $" FROM read_parquet({pattern}, hive_partitioning = false, file_row_number = true)");
        if (file.Add.TryGetProperty("deletionVector", out var vector))
        {
            sql.Append(CultureInfo.InvariantCulture,
                $" WHERE file_row_number NOT IN ({string.Join(", ", VectorReader.Read(table, vector))})");
        }

        return sql.ToString();
    }

    private static string DuckType(string type) => type switch
    {
        "string" => "VARCHAR",
        "long" => "BIGINT",
        "integer" => "INTEGER",
        "short" => "SMALLINT",
        "byte" => "TINYINT",
        "float" => "FLOAT",
        "double" => "DOUBLE",
        "boolean" => "BOOLEAN",
        "binary" => "BLOB",
        "date" => "DATE",
        "timestamp" => "TIMESTAMPTZ",
        "timestamp_ntz" => "TIMESTAMP",
        "void" => "INTEGER",
        _ => type,
    };
}
