using System.Runtime.CompilerServices;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.ResourceScheduler.Recovery;
using Npgsql;

namespace DataPlatform.ResourceScheduler.Postgres;

/// <summary>Keeps a scheduler's event log in PostgreSQL. One manager leads, others stand by in <see cref="ClaimAsync"/> and take
/// over.</summary>
/// <remarks>
/// Thread-safe for one leader. The leader holds an advisory lock on the connection it also writes with, so whoever loses the connection
/// loses both. The lock elects; the epoch row fences: every append is conditional on it in its own statement, so a leader that was frozen
/// can write nothing after its successor began, whatever its connection believes.
/// </remarks>
public sealed partial class PostgresStateStore : IStateStore
{
    /// <summary>Records read at once.</summary>
    private const int PageMax = 4_096;

    private readonly NpgsqlDataSource _source;
    private readonly PostgresStateStoreOptions _options;
    private NpgsqlConnection? _leading;
    private NpgsqlCommand? _append;
    private long _epoch;

    private PostgresStateStore(NpgsqlDataSource source, PostgresStateStoreOptions options)
    {
        _source = source;
        _options = options;
    }

    /// <summary>Opens a store, making or migrating its schema.</summary>
    /// <param name="connectionString">Where; the user must be allowed to make the schema.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SchedulerException">The server does not answer, or the schema was written by a newer program.</exception>
    public static async Task<PostgresStateStore> OpenAsync(
        string connectionString, PostgresStateStoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        options ??= new PostgresStateStoreOptions();
        SchemaScripts.CheckName(options.Schema, nameof(options));

        var builder = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = options.Schema };
        var store = new PostgresStateStore(NpgsqlDataSource.Create(builder.ConnectionString), options);
        try
        {
            await store.MigrateAsync(cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SavedState?> ReadStateAsync(CancellationToken cancellationToken = default)
    {
        var states = await ReadAsync(
            "SELECT sequence, epoch, payload FROM saved_state ORDER BY sequence DESC LIMIT 1",
            row => new SavedState(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)), cancellationToken).ConfigureAwait(false);
        return states.Count == 0 ? null : states[0];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRecord> ReadLogAsync(
        long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var last = afterSequence; ;)
        {
            var page = await ReadAsync(
                "SELECT sequence, epoch, payload FROM event_log WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                row => new LogRecord(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)), cancellationToken, last, PageMax)
                .ConfigureAwait(false);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (var record in page)
            {
                yield return record;
            }

            last = page[^1].Sequence;
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(LogRecord record, CancellationToken cancellationToken = default)
    {
        if (_append is not { } append || record.Epoch != _epoch)
        {
            throw Over(record.Epoch);
        }

        append.Parameters[0].Value = record.Sequence;
        append.Parameters[1].Value = record.Epoch;
        append.Parameters[2].Value = record.Payload;
        try
        {
            if (await append.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) != 1)
            {
                throw Over(record.Epoch);
            }
        }
        catch (NpgsqlException error)
        {
            throw Translate(error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SaveStateAsync(SavedState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string Sql =
            "WITH fence AS (SELECT 1 FROM leader WHERE epoch = $2 FOR SHARE), " +
            "kept AS (INSERT INTO saved_state SELECT $1, $2, $3 FROM fence ON CONFLICT (sequence) DO UPDATE SET payload = excluded.payload RETURNING sequence), " +
            "states AS (DELETE FROM saved_state WHERE sequence < $1 AND EXISTS (SELECT 1 FROM fence)), " +
            "records AS (DELETE FROM event_log WHERE sequence <= $1 AND EXISTS (SELECT 1 FROM fence)) " +
            "SELECT count(*) FROM kept";
        if (_leading is not { } connection || state.Epoch != _epoch)
        {
            throw Over(state.Epoch);
        }

        var kept = await ScalarAsync(connection, Sql, cancellationToken, state.Sequence, state.Epoch, state.Payload).ConfigureAwait(false);
        if (kept is not 1L)
        {
            throw Over(state.Epoch);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(long epoch, CancellationToken cancellationToken = default)
    {
        if (epoch == _epoch)
        {
            await LetGoAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await LetGoAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static SchedulerException Over(long epoch)
        => new(ErrorKind.Conflict, $"Epoch {epoch} is over: another leader has claimed the store.");

    private static SchedulerException Translate(NpgsqlException error) => new(
        error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } ? ErrorKind.Conflict : ErrorKind.Unavailable,
        $"PostgreSQL did not do it: {error.Message}", error);
}
