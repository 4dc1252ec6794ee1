using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Profiles over time in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The file.</param>
public sealed class SqliteProfileStore(QualityDatabase database) : IProfileStore
{
    /// <inheritdoc/>
    public ValueTask PutAsync(StoredProfile profile, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        cancellationToken.ThrowIfCancellationRequested();
        database.Write(connection => Sql.Execute(
            connection,
            "INSERT OR REPLACE INTO profile (table_name, partition, at, version, body) VALUES ($0, $1, $2, $3, $4)",
            profile.Table, profile.Partition, profile.At.UtcTicks, profile.Version, ProfileDocument.Write(profile.Columns)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredProfile>> ListAsync(
        string table, string partition = "", int profilesMax = 100, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<StoredProfile>>(Sql.Rows(
            connection,
            "SELECT version, at, body FROM profile WHERE table_name = $0 AND partition = $1 ORDER BY at DESC LIMIT $2",
            row => new StoredProfile(table, partition, row.LongOrNull(0), row.Time(1), ProfileDocument.Read(row.GetString(2))),
            table, partition, profilesMax));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredProfile>> PartitionsAsync(string table, int partitionsMax = 400, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        return ValueTask.FromResult<IReadOnlyList<StoredProfile>>(Sql.Rows(
            connection,
            "SELECT version, max(at), body, partition FROM profile WHERE table_name = $0 AND partition <> '' GROUP BY partition ORDER BY partition DESC LIMIT $1",
            row => new StoredProfile(table, row.GetString(3), row.LongOrNull(0), row.Time(1), ProfileDocument.Read(row.GetString(2))),
            table, partitionsMax));
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int profilesMax = 1_000, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Write(connection => Sql.Execute(
            connection,
            "DELETE FROM profile WHERE rowid IN (SELECT rowid FROM profile WHERE at < $0 LIMIT $1)", before.UtcTicks, profilesMax)));
    }
}
