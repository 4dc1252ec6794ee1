using System.Reflection;
using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.ResourceScheduler.Recovery;
using Microsoft.Data.Sqlite;

namespace DataPlatform.ResourceScheduler.Sqlite;

/// <summary>Keeps a scheduler's event log in one SQLite file in WAL mode. One process leads; the lock goes with the process.</summary>
/// <remarks>
/// Thread-safe for one leader. Other processes may read the file meanwhile. SQLite works in the calling thread: an append takes as long
/// as the disk needs, and the scheduler has to wait for it anyway.
/// </remarks>
public sealed class SqliteStateStore : IStateStore
{
    /// <summary>Records read at once.</summary>
    private const int PageMax = 4_096;

    /// <summary>"DPrs", so that <c>file</c> and we can tell whose database it is.</summary>
    private const int ApplicationId = 0x44507273;

    private static readonly SchemaScripts Scripts = SchemaScripts.Embedded(Assembly.GetExecutingAssembly());

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _append;
    private FileStream? _lock;
    private long _epoch;

    private SqliteStateStore(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
        _append = Command("INSERT INTO event_log (sequence, epoch, payload) SELECT $0, $1, $2 FROM leader WHERE epoch = $1", 0L, 0L,
            Array.Empty<byte>());
    }

    /// <summary>Opens a file, making or migrating it.</summary>
    /// <param name="path">The file; its folder is made when missing.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <exception cref="SchedulerException">The file is something else, is damaged, or was written by a newer program.</exception>
    public static SqliteStateStore Open(string path, SqliteStateStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new SqliteStateStoreOptions();
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        }.ConnectionString);
        try
        {
            connection.Open();

            // Before anything is written: the file may be somebody else's.
            var file = new SchemaFile(path, ApplicationId, "the scheduler", message => new SchedulerException(ErrorKind.Invalid, message));
            Scripts.VersionOfFile(connection, file);
            using (var pragma = connection.CreateCommand())
            {
                pragma.CommandText = options.IsPowerLossSafe
                    ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
                    : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
                pragma.ExecuteNonQuery();
            }

            Scripts.MigrateFile(connection, file);
            return new SqliteStateStore(path, connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Translate(path, error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = _path + ".lock";
        try
        {
            _lock ??= new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new SchedulerException(ErrorKind.Conflict,
                $"Another process leads from '{_path}' (it holds '{path}'): stop it first, or use PostgreSQL for several.", error);
        }

        _epoch = Run(() =>
        {
            using var claim = Command("UPDATE leader SET epoch = epoch + 1, owner = $0 RETURNING epoch", owner);
            return (long)claim.ExecuteScalar()!;
        });
        return ValueTask.FromResult(_epoch);
    }

    /// <inheritdoc/>
    public ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Run(() =>
    {
        using var command = Command("SELECT sequence, epoch, payload FROM saved_state ORDER BY sequence DESC LIMIT 1");
        using var reader = command.ExecuteReader();
        return reader.Read() ? new SavedState(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)) : null;
    }));

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadLogAsync(
        long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var last = afterSequence;
        for (var page = Page(last); page.Count > 0; page = Page(last))
        {
            foreach (var record in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
                last = record.Sequence;
            }
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        var added = Run(() =>
        {
            Bind(_append, record.Sequence, record.Epoch, Bytes(record.Payload));
            return _append.ExecuteNonQuery();
        });
        return added == 1 ? ValueTask.CompletedTask : throw Over(record.Epoch);
    }

    /// <inheritdoc/>
    public ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        var isSaved = Run(() =>
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            using var save = Command("INSERT OR REPLACE INTO saved_state SELECT $0, $1, $2 FROM leader WHERE epoch = $1",
                state.Sequence, state.Epoch, Bytes(state.Payload));
            if (save.ExecuteNonQuery() == 0)
            {
                return false;
            }

            using var dropStates = Command("DELETE FROM saved_state WHERE sequence < $0", state.Sequence);
            dropStates.ExecuteNonQuery();
            using var dropRecords = Command("DELETE FROM event_log WHERE sequence <= $0", state.Sequence);
            dropRecords.ExecuteNonQuery();
            transaction.Commit();
            return true;
        });
        return isSaved ? ValueTask.CompletedTask : throw Over(state.Epoch);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default)
    {
        // The lock file stays: removing it could take the lock away from a process that opened it in between.
        if (epoch == _epoch && _lock is not null)
        {
            await _lock.DisposeAsync().ConfigureAwait(false);
            _lock = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync(_epoch).ConfigureAwait(false);
        await _append.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private List<LogRecord> Page(long afterSequence) => Run(() =>
    {
        using var command = Command("SELECT sequence, epoch, payload FROM event_log WHERE sequence > $0 ORDER BY sequence LIMIT $1",
            afterSequence, PageMax);
        using var reader = command.ExecuteReader();
        var records = new List<LogRecord>();
        while (reader.Read())
        {
            records.Add(new LogRecord(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        return records;
    });

    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i}", values[i]);
        }

        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> payload)
        => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(payload, out var whole) && whole.Count == whole.Array!.Length
            ? whole.Array : payload.ToArray();

    private T Run<T>(Func<T> work)
    {
        lock (_gate)
        {
            try
            {
                return work();
            }
            catch (SqliteException error)
            {
                throw Translate(_path, error);
            }
        }
    }

    private static SchedulerException Over(long epoch)
        => new(ErrorKind.Conflict, $"Epoch {epoch} is over: another leader has claimed the store.");

    private static SchedulerException Translate(string path, SqliteException error) => new(
        error.SqliteErrorCode switch { 11 or 26 => ErrorKind.Corrupt, 19 => ErrorKind.Conflict, _ => ErrorKind.Unavailable },
        $"SQLite did not do it ('{path}'): {error.Message}", error);
}
