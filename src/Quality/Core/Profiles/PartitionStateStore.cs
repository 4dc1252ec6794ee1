using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Profiles;

/// <summary>Keeps partition states, so that only new partitions need reading.</summary>
/// <remarks>Thread-safe, as the store below it.</remarks>
/// <param name="store">Where states are kept, below <c>states/</c>.</param>
public sealed class PartitionStateStore(IObjectStore store) : IPartitionStateStore
{
    private const string WholeTable = "all";

    /// <inheritdoc/>
    public async ValueTask<PartitionState?> TryGetAsync(string table, string partition, string fingerprint, CancellationToken cancellationToken = default)
        => await store.TryGetAsync(PathOf(table, partition, fingerprint), cancellationToken).ConfigureAwait(false) is { } bytes ? StateBytes.Read(bytes) : null;

    /// <inheritdoc/>
    public ValueTask PutAsync(string table, PartitionState state, string fingerprint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return store.PutAsync(PathOf(table, state.Partition, fingerprint), StateBytes.Write(state), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> RemoveExceptAsync(string table, Func<string, string, bool> isLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(isLive);
        var removed = 0;
        await foreach (var found in store.ListAsync(Folder(table), null, cancellationToken).ConfigureAwait(false))
        {
            var parts = found.Path.Split('/');
            var (partition, fingerprint) = (Uri.UnescapeDataString(parts[^2]), Uri.UnescapeDataString(Path.GetFileNameWithoutExtension(parts[^1])));
            if (!isLive(partition == WholeTable ? string.Empty : partition, fingerprint))
            {
                removed += await store.DeleteAsync(found.Path, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        return removed;
    }

    private static string PathOf(string table, string partition, string fingerprint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(fingerprint);
        ArgumentNullException.ThrowIfNull(partition);
        return $"{Folder(table)}{Uri.EscapeDataString(partition.Length == 0 ? WholeTable : partition)}/{Uri.EscapeDataString(fingerprint)}.state";
    }

    private static string Folder(string table)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return $"states/{Uri.EscapeDataString(table)}/";
    }
}
