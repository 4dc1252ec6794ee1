using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Postgres;

/// <summary>Profiles over time in a <see cref="PostgresQualityDatabase"/>.</summary>
/// <remarks>Thread-safe, and safe against other processes.</remarks>
/// <param name="database">The database.</param>
public sealed class PostgresProfileStore(PostgresQualityDatabase database) : IProfileStore
{
    /// <inheritdoc/>
    public async ValueTask PutAsync(StoredProfile profile, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        await database.ExecuteAsync(
            """
            INSERT INTO profile (table_name, partition, at, version, body) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (table_name, partition, at) DO UPDATE SET version = excluded.version, body = excluded.body
            """,
            cancellationToken,
            profile.Table, profile.Partition, profile.At.UtcTicks, profile.Version, ProfileDocument.Write(profile.Columns)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredProfile>> ListAsync(
        string table, string partition = "", int profilesMax = 100, CancellationToken cancellationToken = default) => database.RowsAsync(
            "SELECT version, at, body FROM profile WHERE table_name = $1 AND partition = $2 ORDER BY at DESC LIMIT $3",
            row => new StoredProfile(table, partition, row.LongOrNull(0), row.Time(1), ProfileDocument.Read(row.GetString(2))),
            cancellationToken,
            table, partition, profilesMax);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredProfile>> PartitionsAsync(
        string table, int partitionsMax = 400, CancellationToken cancellationToken = default) => database.RowsAsync(
            """
            SELECT DISTINCT ON (partition) version, at, body, partition FROM profile WHERE table_name = $1 AND partition <> ''
            ORDER BY partition DESC, at DESC LIMIT $2
            """,
            row => new StoredProfile(table, row.GetString(3), row.LongOrNull(0), row.Time(1), ProfileDocument.Read(row.GetString(2))),
            cancellationToken,
            table, partitionsMax);

    /// <inheritdoc/>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int profilesMax = 1_000, CancellationToken cancellationToken = default)
        => database.ExecuteAsync(
            "DELETE FROM profile WHERE ctid IN (SELECT ctid FROM profile WHERE at < $1 LIMIT $2)", cancellationToken, before.UtcTicks, profilesMax);
}
