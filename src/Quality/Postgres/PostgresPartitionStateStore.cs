using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Postgres;

/// <summary>States of partitions and data files in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresPartitionStateStore(PostgresQualityDatabase database) : IPartitionStateStore
{
    /// <inheritdoc/>
    public async ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default)
    {
        var found = await database.RowsAsync(
            "SELECT body FROM partition_state WHERE table_name = $1 AND partition = $2 AND fingerprint = $3",
            row => row.GetFieldValue<byte[]>(0),
            cancellationToken,
            table, partition, fingerprint).ConfigureAwait(false);
        return found is [var body] ? StateBytes.Read(body) : null;
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        await database.ExecuteAsync(
            """
            INSERT INTO partition_state VALUES ($1, $2, $3, $4)
            ON CONFLICT (table_name, partition, fingerprint) DO UPDATE SET body = excluded.body
            """,
            cancellationToken,
            table, state.Partition, fingerprint, StateBytes.Write(state)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveExceptAsync(string table, Func<string, string, bool> isLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(isLive);
        var keys = await database.RowsAsync(
            "SELECT partition, fingerprint FROM partition_state WHERE table_name = $1",
            row => (Partition: row.GetString(0), Fingerprint: row.GetString(1)),
            cancellationToken,
            table).ConfigureAwait(false);
        var removed = 0;
        foreach (var batch in keys.Where(k => !isLive(k.Partition, k.Fingerprint)).Chunk(500))
        {
            removed += await database.ExecuteAsync(
                "DELETE FROM partition_state WHERE table_name = $1 AND (partition, fingerprint) IN (SELECT * FROM unnest($2::text[], $3::text[]))",
                cancellationToken,
                table, batch.Select(k => k.Partition).ToArray(), batch.Select(k => k.Fingerprint).ToArray()).ConfigureAwait(false);
        }

        return removed;
    }
}
