using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using Npgsql;
using NpgsqlTypes;

namespace DataPlatform.ResourceScheduler.Postgres;

/// <content>The election, the schema, and single statements.</content>
public sealed partial class PostgresStateStore
{
    /// <summary>"DPrs": the advisory lock is this and the schema's oid, so that schedulers of one database do not meet.</summary>
    private const int LockClass = 0x44507273;

    private static readonly SchemaScripts Scripts = SchemaScripts.Embedded(Assembly.GetExecutingAssembly());

    /// <inheritdoc/>
    /// <remarks>Waits while another leads. A leader that holds the lock and writes nothing for
    /// <see cref="PostgresStateStoreOptions.FrozenAfter"/>
    /// loses its connection; where the database does not allow that, the wait goes on.</remarks>
    public async ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        await LetGoAsync().ConfigureAwait(false);
        while (true)
        {
            if (await TryClaimAsync(owner, cancellationToken).ConfigureAwait(false) is { } epoch)
            {
                return epoch;
            }

            await Task.Delay(_options.LookEvery, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<long?> TryClaimAsync(string owner, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await ScalarAsync(connection, $"SELECT pg_try_advisory_lock({LockClass}, {LockObject})", cancellationToken)
                .ConfigureAwait(false) is true)
            {
                _epoch = (long)(await ScalarAsync(connection,
                    "UPDATE leader SET epoch = epoch + 1, owner = $1, claimed_at = clock_timestamp() RETURNING epoch", cancellationToken,
                        owner)
                    .ConfigureAwait(false))!;
                _leading = connection;
                connection = null;
                _append = await PrepareAppendAsync(_leading, cancellationToken).ConfigureAwait(false);
                return _epoch;
            }

            await DeposeFrozenAsync(connection, cancellationToken).ConfigureAwait(false);
            return null;
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static string LockObject => "(SELECT oid::bigint::int FROM pg_namespace WHERE nspname = current_schema())";

    /// <summary>Ends the connection of a leader that no longer writes: its lock goes with it.</summary>
    private async Task DeposeFrozenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sql =
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks " +
            $"WHERE locktype = 'advisory' AND granted AND classid::bigint = {LockClass} AND objid::bigint::int = {LockObject} " +
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) " +
            "AND greatest((SELECT claimed_at FROM leader), (SELECT at FROM event_log ORDER BY sequence DESC LIMIT 1)) + $1 < clock_timestamp()";
        await ScalarAsync(connection, sql, cancellationToken, _options.FrozenAfter).ConfigureAwait(false);
    }

    private static async ValueTask<NpgsqlCommand> PrepareAppendAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Sql =
            "WITH fence AS (SELECT 1 FROM leader WHERE epoch = $2 FOR SHARE) " +
            "INSERT INTO event_log (sequence, epoch, payload) SELECT $1, $2, $3 FROM fence";
        var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        return command;
    }

    private async ValueTask LetGoAsync()
    {
        _epoch = 0;
        if (_append is not null)
        {
            await _append.DisposeAsync().ConfigureAwait(false);
            _append = null;
        }

        if (_leading is { } connection)
        {
            _leading = null;
            try
            {
                // A pooled connection would keep the lock; with it the session, and so the lock, ends.
                NpgsqlConnection.ClearPool(connection);
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            catch (NpgsqlException)
            {
                // The connection was lost before: there is nothing left to let go of.
            }
        }
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException error)
        {
            throw Translate(error);
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                try
                {
                    await Scripts.MigrateSchemaAsync(
                        connection, _options.Schema, LockClass, message => new SchedulerException(ErrorKind.Invalid, message), cancellationToken)
                        .ConfigureAwait(false);
                }
                catch (NpgsqlException error)
                {
                    throw Translate(error);
                }

                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
#pragma warning disable CA2100 // Texts of this class and its scripts; the schema's name was checked.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            try
            {
                return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException error)
            {
                throw Translate(error);
            }
        }
    }

    private async ValueTask<List<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object[] values)
    {
        try
        {
#pragma warning disable CA2100 // Texts of this class.
            var command = _source.CreateCommand(sql);
#pragma warning restore CA2100
            await using (command.ConfigureAwait(false))
            {
                foreach (var value in values)
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = value });
                }

                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    var rows = new List<T>();
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        rows.Add(map(reader));
                    }

                    return rows;
                }
            }
        }
        catch (NpgsqlException error)
        {
            throw Translate(error);
        }
    }
}
