using System.Globalization;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Statements with positional parameters <c>$0</c>, <c>$1</c> and so on.</summary>
internal static class Sql
{
    public static int Execute(SqliteConnection connection, string sql, params object?[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>One statement for each of some items, prepared once.</summary>
    public static int ExecuteEach<T>(SqliteConnection connection, string sql, IEnumerable<T> items, Func<T, object?[]> valuesOf)
    {
        SqliteCommand? command = null;
        var changed = 0;
        try
        {
            foreach (var item in items)
            {
                var values = valuesOf(item);
                command ??= Command(connection, sql, values);
                for (var i = 0; i < values.Length; i++)
                {
                    command.Parameters[i].Value = values[i] ?? DBNull.Value;
                }

                changed += command.ExecuteNonQuery();
            }
        }
        finally
        {
            command?.Dispose();
        }

        return changed;
    }

    public static long Scalar(SqliteConnection connection, string sql, params object?[] values)
    {
        using var command = Command(connection, sql, values);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using var command = Command(connection, sql, values);
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static SqliteCommand Command(SqliteConnection connection, string sql, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i}"), values[i] ?? DBNull.Value);
        }

        return command;
    }
}
