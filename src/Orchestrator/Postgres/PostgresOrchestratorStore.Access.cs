using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Connections, transactions and what is tried again.</summary>
public sealed partial class PostgresOrchestratorStore
{
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

            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One transaction, tried again after a lost connection, a deadlock or a serialization failure.</summary>
    private Task<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        TryAgainAsync(
            async () =>
            {
                var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        var result = await work(connection, cancellationToken).ConfigureAwait(false);
                        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                        return result;
                    }
                }
            },
            cancellationToken);

    /// <summary>One reading statement, tried again after a lost connection.</summary>
    private async ValueTask<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object Value)[] parameters) =>
        await TryAgainAsync(
            async () =>
            {
#pragma warning disable CA2100 // Texts of this class; values are parameters.
                var command = _source.CreateCommand(sql);
#pragma warning restore CA2100
                await using (command.ConfigureAwait(false))
                {
                    foreach (var (name, value) in parameters)
                    {
                        command.Parameters.AddWithValue(name, value);
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
            },
            cancellationToken).ConfigureAwait(false);

    private async Task<T> TryAgainAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (IsTransient(exception) && failures++ < _options.RetriesMax)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 << failures), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw Translate(exception);
            }
        }
    }

    private async ValueTask<T?> FindAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
        where T : class
    {
        var rows = await QueryAsync(sql, map, cancellationToken, parameters).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    private static bool IsTransient(NpgsqlException exception) =>
        exception.IsTransient || exception is PostgresException { SqlState: "40001" or "40P01" or "57P01" or "57P02" or "57P03" };

    private static OrchestratorStoreException Translate(NpgsqlException exception) => new(
        exception is PostgresException { SqlState: "23505" } ? ErrorKind.Conflict : ErrorKind.Unavailable,
        $"PostgreSQL did not do it: {exception.Message}",
        exception);
}
