using System.Data.Common;
using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Cdc;

/// <summary>
/// The outbox: a table that a service writes in the transactions of its own data, and that a stream reads in the order of <c>sequence</c>.
/// </summary>
/// <remarks>
/// Sequences must become visible in their order, as they do in SQLite, whose writers take turns. Where several transactions commit at once,
/// a reader could pass a number that is not visible yet; such a database needs a lock around the append, or its log as the source.
/// </remarks>
public static class OutboxTable
{
    /// <summary>The split number of the row that says that no more rows follow.</summary>
    public const int EndMarkerSplit = -1;

    internal const string Name = "outbox";

    /// <summary>Makes the table where it is missing.</summary>
    /// <param name="connection">An open connection.</param>
    /// <exception cref="StreamJobException">The database refused.</exception>
    public static void Create(DbConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE IF NOT EXISTS {Name} (
                sequence INTEGER PRIMARY KEY, split INTEGER NOT NULL, event_time_ms INTEGER NOT NULL, payload BLOB NOT NULL)
            """;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DbException e)
        {
            throw new StreamJobException(ErrorKind.Unavailable, $"The outbox table could not be made: {e.Message}", e);
        }
    }
}
