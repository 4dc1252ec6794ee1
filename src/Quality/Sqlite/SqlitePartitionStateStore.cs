using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Sqlite;

/// <summary>States of partitions and data files in a <see cref="QualityDatabase"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="database">The file.</param>
public sealed class SqlitePartitionStateStore(QualityDatabase database) : IPartitionStateStore
{
    /// <inheritdoc/>
    public ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default)
    {
        using var connection = database.Connect();
        var found = Sql.Rows(
            connection,
            "SELECT body FROM partition_state WHERE table_name = $0 AND partition = $1 AND fingerprint = $2",
            row => row.GetFieldValue<byte[]>(0),
            table, partition, fingerprint);
        return ValueTask.FromResult(found is [var body] ? StateBytes.Read(body) : null);
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        cancellationToken.ThrowIfCancellationRequested();
        database.Write(connection => Sql.Execute(
            connection, "INSERT OR REPLACE INTO partition_state VALUES ($0, $1, $2, $3)", table, state.Partition, fingerprint, StateBytes.Write(state)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveExceptAsync(string table, Func<string, string, bool> isLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(isLive);
        using var connection = database.Connect();
        var dead = Sql.Rows(
            connection, "SELECT partition, fingerprint FROM partition_state WHERE table_name = $0", row => (row.GetString(0), row.GetString(1)), table)
            .Where(key => !isLive(key.Item1, key.Item2)).ToList();
        var removed = 0;
        foreach (var batch in dead.Chunk(500))
        {
            cancellationToken.ThrowIfCancellationRequested();
            removed += database.Write(writer => Sql.ExecuteEach(
                writer,
                "DELETE FROM partition_state WHERE table_name = $0 AND partition = $1 AND fingerprint = $2",
                batch,
                key => [table, key.Item1, key.Item2]));
        }

        return ValueTask.FromResult(removed);
    }
}
