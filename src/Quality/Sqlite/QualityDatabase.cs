using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>One SQLite file for everything the engine remembers. The stores over it share it.</summary>
/// <remarks>Thread-safe: every call has a connection of its own from the pool. Write-ahead log; a commit survives a killed process.</remarks>
public sealed partial class QualityDatabase
{
    /// <summary>"DPqu", so that <c>file</c> and we can tell whose database it is.</summary>
    private const int ApplicationId = 0x44507175;

    private readonly string _connectionString;

    private QualityDatabase(string path)
        => _connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30 }.ToString();

    /// <summary>Opens or makes a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="QualityException">It is no such file, or of a version this program does not know.</exception>
    public static QualityDatabase Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var database = new QualityDatabase(path);
        try
        {
            database.Prepare(path);
        }
        catch (SqliteException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"'{path}' cannot be opened as a quality database: {e.Message}", e);
        }

        return database;
    }

    /// <summary>
    /// Closes the connections that wait for use, for a host that stops: the last one of a file folds the log into it and takes its <c>-wal</c> and
    /// <c>-shm</c> away. Whoever uses the database after that opens new ones.
    /// </summary>
    public void Close()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    internal SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Runs a change in one transaction; what SQLite refuses is an error of this engine.</summary>
    internal T Write<T>(Func<SqliteConnection, T> change)
    {
        var result = default(T);
        TryWrite(connection =>
        {
            result = change(connection);
            return true;
        });
        return result!;
    }

    /// <summary>Runs a change in one transaction, which is undone when the change says no.</summary>
    /// <returns>What the change said.</returns>
    internal bool TryWrite(Func<SqliteConnection, bool> change)
    {
        try
        {
            using var connection = Connect();
            using var transaction = connection.BeginTransaction(deferred: false);
            var isWanted = change(connection);
            if (isWanted)
            {
                transaction.Commit();
            }

            return isWanted;
        }
        catch (SqliteException e)
        {
            throw new QualityException(ErrorKind.Unavailable, $"The quality database could not be written: {e.Message}", e);
        }
    }

    private void Prepare(string path)
    {
        using var connection = Connect();

        // Before anything is written: the file may be somebody else's.
        var file = new SchemaFile(path, ApplicationId, "quality", message => new QualityException(ErrorKind.Invalid, message), UnmarkedTable: "verdict");
        Schema.Scripts.VersionOfFile(connection, file);
        Sql.Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
        Schema.Scripts.MigrateFile(connection, file);
    }
}
