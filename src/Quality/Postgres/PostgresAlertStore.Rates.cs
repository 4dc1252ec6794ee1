using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Catalog;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>What channels may still send.</summary>
public sealed partial class PostgresAlertStore
{
    private const string ReadRate = "SELECT tokens, refilled FROM channel_rate WHERE channel = $1 FOR UPDATE";

    /// <inheritdoc/>
    public async ValueTask<int> TakeAsync(string channel, int wanted, ChannelRate rate, DateTimeOffset now, CancellationToken cancellationToken = default)
        => await database.WriteAsync(
            async (connection, token) =>
            {
                // Who comes first makes the row; whoever comes then waits for it and finds what is left.
                await connection.ExecuteAsync(
                    "INSERT INTO channel_rate VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", token, channel, rate.Burst, now.UtcTicks).ConfigureAwait(false);
                var known = await connection.RowsAsync(ReadRate, ReadBucket, token, channel).ConfigureAwait(false);
                var (rest, taken) = known[0].Take(wanted, rate, now);
                await PutAsync(connection, channel, rest, token).ConfigureAwait(false);
                return taken;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ReturnAsync(string channel, int unused, ChannelRate rate, CancellationToken cancellationToken = default)
    {
        if (unused <= 0)
        {
            return;
        }

        await database.WriteAsync(
            async (connection, token) => await connection.RowsAsync(ReadRate, ReadBucket, token, channel).ConfigureAwait(false) is [var known]
                ? await PutAsync(connection, channel, known.Return(unused, rate), token).ConfigureAwait(false)
                : 0,
            cancellationToken).ConfigureAwait(false);
    }

    private static Task<int> PutAsync(NpgsqlConnection connection, string channel, TokenBucket bucket, CancellationToken cancellationToken)
        => connection.ExecuteAsync(
            "UPDATE channel_rate SET tokens = $2, refilled = $3 WHERE channel = $1", cancellationToken, channel, bucket.Tokens, bucket.RefilledAt.UtcTicks);

    private static TokenBucket ReadBucket(NpgsqlDataReader row) => new(row.GetInt32(0), row.Time(1));
}
