namespace DataPlatform.Quality.Profiles;

/// <summary>Keeps the states of partitions or data files, so that only new ones need reading.</summary>
/// <remarks>Implementations are thread-safe. A state is kept whole or not at all.</remarks>
public interface IPartitionStateStore
{
    /// <summary>The state of a partition, or null when it was never kept under this fingerprint.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partition">The partition or data file.</param>
    /// <param name="fingerprint">What it consisted of, for example a hash of its files: a rewritten partition has another one.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <exception cref="QualityException">The stored bytes are damaged.</exception>
    ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default);

    /// <summary>Keeps a state, in place of one kept before under the same names.</summary>
    /// <param name="table">The table.</param>
    /// <param name="state">The state, with its partition.</param>
    /// <param name="fingerprint">What the partition consists of.</param>
    /// <param name="cancellationToken">Before the write; a cancelled write may have happened whole, never in part.</param>
    ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default);

    /// <summary>Removes the states of a table that are no longer wanted.</summary>
    /// <param name="table">The table.</param>
    /// <param name="isLive">Tells by partition and fingerprint which to keep.</param>
    /// <param name="cancellationToken">Stops between two states.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveExceptAsync(string table, Func<string, string, bool> isLive, CancellationToken cancellationToken = default);
}
