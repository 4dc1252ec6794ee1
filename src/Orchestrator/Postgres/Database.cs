using System.Data;
using System.Data.Common;
using Dapper;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Connections, transactions and what is tried again: the one place that retries deadlocks, serialization failures and lost
/// connections. Thread-safe.</summary>
internal sealed class Database(NpgsqlDataSource source, PostgresOrchestratorOptions options) : IAsyncDisposable
{
    private int _waits;

    /// <summary>For what keeps a connection to itself.</summary>
    public NpgsqlDataSource Source => source;

    public PostgresOrchestratorOptions Options => options;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    public static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
#pragma warning disable CA2100 // Texts of this class and its scripts; the schema's name was checked.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddValues(values);

            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One transaction, tried again after a lost connection, a deadlock or a serialization failure.</summary>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        TryAgainAsync(
            async () =>
            {
                var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    return await InTransactionAsync(connection, work, cancellationToken).ConfigureAwait(false);
                }
            },
            cancellationToken);

    private static async Task<T> InTransactionAsync<T>(
        NpgsqlConnection connection, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var result = await work(connection, cancellationToken).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return result;
            }
        }
        catch (InvalidOperationException exception) when (connection.State != ConnectionState.Open)
        {
            // Npgsql tells in this way of a connection that broke between two statements.
            throw new NpgsqlException("the connection broke in a transaction.", new IOException(exception.Message, exception));
        }
    }

    /// <summary>The rows of a statement inside a transaction.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        NpgsqlConnection connection, string sql, Func<DbDataReader, T> map, CancellationToken cancellationToken, params object[] values)
    {
#pragma warning disable CA2100 // Texts of this project; values are parameters.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddValues(values);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await RowsAsync(reader, map, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One reading statement, tried again after a lost connection; its parameters are the properties of an object.</summary>
    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> map, object? parameters, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<T>>(
        async connection =>
        {
            var reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            return await RowsAsync(reader, map, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        (string Sql, object Parameters) list, Func<DbDataReader, T> map, CancellationToken cancellationToken) =>
        QueryAsync(list.Sql, map, list.Parameters, cancellationToken);

    /// <summary>Rows whose columns have the names of a record's properties.</summary>
    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<T>>(
            async connection => (await connection.QueryAsync<T>(
                new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList(),
            cancellationToken);

    public async ValueTask<T?> FindAsync<T>(string sql, Func<DbDataReader, T> map, object parameters, CancellationToken cancellationToken)
        where T : class => await QueryAsync(sql, map, parameters, cancellationToken).ConfigureAwait(false) is [var first, ..] ? first : null;

    private async ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) => await TryAgainAsync(
        async () =>
        {
            var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await read(connection).ConfigureAwait(false);
            }
        },
        cancellationToken).ConfigureAwait(false);

    private static async Task<List<T>> RowsAsync<T>(DbDataReader reader, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
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

    private async Task<T> TryAgainAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (IsTransient(exception) && failures++ < options.RetriesMax)
            {
                await Task.Delay(WaitAfter(failures), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && failures++ < options.RetriesMax)
            {
                // Npgsql gave up a connection that broke while it was used.
                await Task.Delay(WaitAfter(failures), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw Translate(exception);
            }
        }
    }

    /// <summary>Waits differ by process and by try, so that two transactions that stopped each other do not meet again.</summary>
    private TimeSpan WaitAfter(int failures)
    {
        var spread = ((Environment.ProcessId * 7) + (Interlocked.Increment(ref _waits) * 5)) & 15;
        return TimeSpan.FromMilliseconds((20 << Math.Min(failures, 6)) * (16 + spread) / 24.0);
    }

    private static bool IsTransient(NpgsqlException exception) =>
        exception.IsTransient || exception is PostgresException { SqlState: "40001" or "40P01" or "57P01" or "57P02" or "57P03" or "25P03" };

    private static OrchestratorStoreException Translate(NpgsqlException exception) => new(
        exception is PostgresException { SqlState: "23505" } ? ErrorKind.Conflict : ErrorKind.Unavailable,
        $"PostgreSQL did not do it: {exception.Message}",
        exception);
}
