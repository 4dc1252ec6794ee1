using System.Globalization;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Opens connections fit for rules: UTC, no extension fetched, bounded memory, and on request no way to the outside.</summary>
public static class QualityConnection
{
    /// <summary>Opens an in-memory database.</summary>
    /// <param name="threads">Threads of a query; at least 1.</param>
    /// <param name="memoryLimitMiB">Memory before it spills, MiB; at least 16.</param>
    /// <returns>The open connection; the caller disposes it.</returns>
    public static DuckDBConnection Open(int threads = 2, int memoryLimitMiB = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryLimitMiB, 16);
        var settings = string.Create(
            CultureInfo.InvariantCulture,
            $"DataSource=:memory:;threads={threads};memory_limit={memoryLimitMiB}MiB;autoinstall_known_extensions=false;autoload_known_extensions=false");
        var connection = new DuckDBConnection(settings);
        connection.Open();
        Execute(connection, "SET TimeZone = 'UTC'");
        return connection;
    }

    /// <summary>Shuts a database off from files and network for good, except files already named; its settings cannot be changed any more either.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="allowedFolders">Folders that stay readable, because views lead there.</param>
    public static void Seal(DuckDBConnection connection, params IEnumerable<string> allowedFolders)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var folders = string.Join(", ", allowedFolders.Select(SqlText.Text));
        if (folders.Length > 0)
        {
            Execute(connection, $"SET allowed_directories = [{folders}]");
        }

        Execute(connection, "SET enable_external_access = false");
        Execute(connection, "SET lock_configuration = true");
    }

    internal static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
