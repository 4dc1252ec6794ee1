using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Catalog;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Sqlite;

/// <summary>What channels may still send.</summary>
public sealed partial class SqliteAlertStore
{
    /// <inheritdoc/>
    public ValueTask<int> TakeAsync(string channel, int wanted, ChannelRate rate, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection =>
        {
            var (rest, taken) = (Find(connection, channel) ?? TokenBucket.Full(rate, now)).Take(wanted, rate, now);
            Put(connection, channel, rest);
            return taken;
        }));
    }

    /// <inheritdoc/>
    public ValueTask ReturnAsync(string channel, int unused, ChannelRate rate, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (unused > 0)
        {
            database.Write(connection => Find(connection, channel) is { } bucket ? Put(connection, channel, bucket.Return(unused, rate)) : 0);
        }

        return ValueTask.CompletedTask;
    }

    private static TokenBucket? Find(SqliteConnection connection, string channel)
        => Sql.Rows(connection, "SELECT tokens, refilled FROM channel_rate WHERE channel = $0", row => new TokenBucket(row.GetInt32(0), row.Time(1)), channel)
            is [var found] ? found : null;

    private static int Put(SqliteConnection connection, string channel, TokenBucket bucket) => Sql.Execute(
        connection, "INSERT OR REPLACE INTO channel_rate VALUES ($0, $1, $2)", channel, bucket.Tokens, bucket.RefilledAt.UtcTicks);
}
