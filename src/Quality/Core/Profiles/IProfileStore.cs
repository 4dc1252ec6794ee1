namespace DataPlatform.Quality.Profiles;

/// <summary>Keeps profiles of tables and partitions over time.</summary>
/// <remarks>Implementations are thread-safe. A profile of the same table, partition and time replaces the one kept.</remarks>
public interface IProfileStore
{
    /// <summary>Keeps a profile.</summary>
    ValueTask PutAsync(StoredProfile profile, CancellationToken cancellationToken = default);

    /// <summary>Profiles of a table, newest first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partition">The partition; empty for the whole table.</param>
    /// <param name="profilesMax">At most so many.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<StoredProfile>> ListAsync(
        string table, string partition = "", int profilesMax = 100, CancellationToken cancellationToken = default);

    /// <summary>The newest profile of each partition of a table, the highest names first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partitionsMax">At most so many.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<StoredProfile>> PartitionsAsync(string table, int partitionsMax = 400, CancellationToken cancellationToken = default);

    /// <summary>Removes profiles made before an instant.</summary>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="profilesMax">Profiles removed at most.</param>
    /// <param name="cancellationToken">Before the removal.</param>
    /// <returns>How many were removed; fewer than <paramref name="profilesMax"/> when none is left.</returns>
    ValueTask<int> RemoveBeforeAsync(DateTimeOffset before, int profilesMax = 1_000, CancellationToken cancellationToken = default);
}

/// <summary>A profile as a store keeps it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Partition">The partition; empty for the whole table.</param>
/// <param name="Version">The version of the table; null for a relation without versions.</param>
/// <param name="At">When it was made, UTC.</param>
/// <param name="Columns">The columns.</param>
public sealed record StoredProfile(string Table, string Partition, long? Version, DateTimeOffset At, IReadOnlyList<ColumnProfile> Columns);
