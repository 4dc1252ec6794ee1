using DataPlatform.Kernel;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>Connections, transactions and what is tried again.</summary>
public sealed partial class PostgresQualityDatabase
{
    /// <summary>One transaction.</summary>
    internal Task<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
        => TransactAsync(work, _ => true, cancellationToken);

    /// <summary>One transaction, which is undone when the work says no.</summary>
    internal Task<bool> TryWriteAsync(Func<NpgsqlConnection, CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
        => TransactAsync(work, isWanted => isWanted, cancellationToken);

    /// <summary>One changing statement.</summary>
    internal async ValueTask<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params object?[] values)
        => await WriteAsync((connection, token) => connection.ExecuteAsync(sql, token, values), cancellationToken).ConfigureAwait(false);

    /// <summary>One reading statement.</summary>
    internal async ValueTask<IReadOnlyList<T>> RowsAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] values)
        => await TryAgainAsync(
            async () =>
            {
                var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    return await connection.RowsAsync(sql, read, cancellationToken, values).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>One reading statement of at most one row; null for none.</summary>
    internal async ValueTask<T?> FindAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] values)
        where T : class => await RowsAsync(sql, read, cancellationToken, values).ConfigureAwait(false) is [var one] ? one : null;

    private Task<T> TransactAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> work, Func<T, bool> isWanted, CancellationToken cancellationToken)
        => TryAgainAsync(
            async () =>
            {
                var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        var result = await work(connection, cancellationToken).ConfigureAwait(false);
                        if (isWanted(result))
                        {
                            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                        }

                        return result;
                    }
                }
            },
            cancellationToken);

    private async Task<T> TryAgainAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (NpgsqlException e) when (IsTransient(e) && failures++ < _options.RetriesMax)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 << failures), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw new QualityException(ErrorKind.Unavailable, $"PostgreSQL did not do it: {e.Message}", e);
            }
        }
    }

    private static bool IsTransient(NpgsqlException exception)
        => exception.IsTransient || exception is PostgresException { SqlState: "40001" or "40P01" or "57P01" or "57P02" or "57P03" };
}
