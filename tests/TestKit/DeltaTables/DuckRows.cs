using System.Globalization;
using DuckDB.NET.Data;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>Plain DuckDB, without any of the product's code.</summary>
internal static class DuckRows
{
    public static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection(
            "DataSource=:memory:;threads=1;autoinstall_known_extensions=false;autoload_known_extensions=false");
        connection.Open();
        Run(connection, "SET TimeZone = 'UTC'");
        return connection;
    }

    public static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Every row's columns as text.</summary>
    public static List<string?[]> Of(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string?[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(
                i => reader.IsDBNull(i) ? null : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))]);
        }

        return rows;
    }

    public static string Text(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
