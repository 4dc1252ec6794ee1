using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Profiles;

/// <summary>Keeps partition states, so that only new partitions need reading.</summary>
/// <remarks>Thread-safe, as the store below it.</remarks>
/// <param name="store">Where states are kept, below <c>states/</c>.</param>
public sealed class PartitionStateStore(IObjectStore store)
{
    /// <summary>The state of a partition, or null when it was never kept under this fingerprint.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="fingerprint">What the partition consisted of, for example a hash of its files: a rewritten partition has another one.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <exception cref="QualityException">The stored bytes are damaged.</exception>
    public async ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default)
        => await store.TryGetAsync(PathOf(table, partition, fingerprint), cancellationToken).ConfigureAwait(false) is { } bytes ? StateBytes.Read(bytes) : null;

    /// <summary>Keeps a state.</summary>
    /// <param name="table">The table.</param>
    /// <param name="state">The state, with its partition.</param>
    /// <param name="fingerprint">What the partition consists of.</param>
    /// <param name="cancellationToken">Before the write.</param>
    public ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return store.PutAsync(PathOf(table, state.Partition, fingerprint), StateBytes.Write(state), cancellationToken);
    }

    private static string PathOf(string table, string partition, string fingerprint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        ArgumentException.ThrowIfNullOrWhiteSpace(fingerprint);
        ArgumentNullException.ThrowIfNull(partition);
        return $"states/{Uri.EscapeDataString(table)}/{Uri.EscapeDataString(partition.Length == 0 ? "all" : partition)}/{Uri.EscapeDataString(fingerprint)}.state";
    }
}
