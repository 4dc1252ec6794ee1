using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Keeps an orchestrator's state in one SQLite file in WAL mode.</summary>
/// <remarks>
/// Thread-safe. One connection writes, readers have their own; other processes may read while a scheduler runs. Only one process schedules
/// from a file: a lock file beside it decides that, and the term in the file fences a holder that lost it.
/// </remarks>
public sealed partial class SqliteOrchestratorStore : IOrchestratorStore, ICommandQueue
{
    /// <summary>"DPor", so that <c>file</c> and we can tell whose database it is.</summary>
    private const int ApplicationId = 0x44506F72;

    private static readonly SchemaScripts Scripts = SchemaScripts.Embedded(Assembly.GetExecutingAssembly());

    private readonly string _path;
    private readonly string _readerConnectionString;
    private readonly SqliteWriter? _writer;
    private readonly BatchWriter? _batches;
    private FileStream? _claim;

    private SqliteOrchestratorStore(string path, string readerConnectionString, SqliteWriter? writer, BatchWriter? batches)
    {
        _path = path;
        _readerConnectionString = readerConnectionString;
        _writer = writer;
        _batches = batches;
    }

    /// <summary>Opens a store, making or migrating its file.</summary>
    /// <param name="path">The file; its folder is made when missing.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="OrchestratorStoreException">The file is no store, is damaged, or was written by a newer program.</exception>
    public static ValueTask<SqliteOrchestratorStore> OpenAsync(
        string path, SqliteOrchestratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new SqliteOrchestratorOptions();
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var connection = Connect(path, SqliteOpenMode.ReadWriteCreate, pooling: false, options);
        try
        {
            // Before anything is written: the file may be somebody else's.
            Scripts.VersionOfFile(connection, FileOf(path));
            Execute(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {(options.IsPowerLossSafe ? "FULL" : "NORMAL")};");
            Scripts.MigrateFile(connection, FileOf(path));
            var writer = new SqliteWriter(connection);
            return new(new SqliteOrchestratorStore(path, ConnectionString(path, SqliteOpenMode.ReadOnly, true, options), writer,
                new BatchWriter(connection)));
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Unreadable(path, exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store for reading only, beside a scheduler that may be running.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorStoreException">There is no such file, or it is no store, or was written by a newer
    /// program.</exception>
    public static ValueTask<SqliteOrchestratorStore> OpenReadOnlyAsync(
        string path, SqliteOrchestratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new SqliteOrchestratorOptions();
        if (!File.Exists(path))
        {
            throw new OrchestratorStoreException(ErrorKind.Invalid, $"there is no orchestrator store at '{path}'.");
        }

        try
        {
            using var connection = Connect(path, SqliteOpenMode.ReadOnly, pooling: true, options);
            var version = Scripts.VersionOfFile(connection, FileOf(path));
            return version == Scripts.Newest
                ? new(new SqliteOrchestratorStore(path, connection.ConnectionString, null, null))
                : throw new OrchestratorStoreException(
                    ErrorKind.Invalid,
                        $"'{path}' has schema version {version} and this program reads {Scripts.Newest}: " +
                    "start its scheduler once to migrate it.");
        }
        catch (SqliteException exception)
        {
            throw Unreadable(path, exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        _claim ??= FileClaim.Take(_path);
        return await Writer.WriteAsync(
            (connection, transaction) =>
            {
                using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = "UPDATE scheduler SET term = term + 1, owner = $owner RETURNING term";
                command.Parameters.AddWithValue("$owner", owner);
                return (long)command.ExecuteScalar()!;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        await Writer.WriteAsync(
            (connection, transaction) =>
            {
                using var version = new Statement(
                    connection, "INSERT OR IGNORE INTO dag_version (hash, dag_id, model, created_at) VALUES ($0, $1, $2, $3)", 4);
                using var dag = new Statement(
                    connection, "INSERT INTO dag (id, hash, registered_at) VALUES ($0, $1, $2) ON CONFLICT (id) DO UPDATE SET hash = $1",
                        3);
                foreach (var item in dags)
                {
                    version.Run(transaction, item.Hash, item.Id, item.Model, Micros.Of(now));
                    dag.Run(transaction, item.Id, item.Hash, Micros.Of(now));
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await Writer.WriteAsync(
            (_, transaction) =>
            {
                _batches!.Write(batch, transaction);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Readers first: the last connection to a file that may write folds the log into it and takes its -wal and -shm away.
        using (var reader = new SqliteConnection(_readerConnectionString))
        {
            SqliteConnection.ClearPool(reader);
        }

        if (_writer is not null)
        {
            _batches!.Dispose();
            await _writer.DisposeAsync().ConfigureAwait(false);
        }

        // The lock file stays: removing it could take the lock away from a process that opened it in between.
        if (_claim is not null)
        {
            await _claim.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The scheduler looks for commands once a second; other processes open the file too, to send them.</remarks>
    public ICommandQueue? Commands => _writer is null ? null : this;

    private SqliteWriter Writer => _writer ?? throw new OrchestratorStoreException(ErrorKind.Invalid, $"'{_path}' was opened for reading.");

    private static SqliteConnection Connect(string path, SqliteOpenMode mode, bool pooling, SqliteOrchestratorOptions options)
    {
        var connection = new SqliteConnection(ConnectionString(path, mode, pooling, options));
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {(int)options.BusyTimeout.TotalMilliseconds}");
            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Unreadable(path, exception);
        }
    }

    private static string ConnectionString(string path, SqliteOpenMode mode, bool pooling, SqliteOrchestratorOptions options) =>
        new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = pooling,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        }.ConnectionString;

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Pragmas with numbers of ours.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static SchemaFile FileOf(string path) =>
        new(path, ApplicationId, "the orchestrator", message => new OrchestratorStoreException(ErrorKind.Invalid, message));

    private static OrchestratorStoreException Unreadable(string path, SqliteException exception) =>
        new(exception.SqliteErrorCode is 11 or 26 ? ErrorKind.Corrupt : ErrorKind.Unavailable,
            $"'{path}' cannot be used: {exception.Message}", exception);
}
