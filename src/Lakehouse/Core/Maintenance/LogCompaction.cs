using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Writes compacted log files: the outcome of a range of commits in one file, which readers may take instead of the commits.
/// </summary>
internal static class LogCompaction
{
    /// <returns>False when another writer has written the file already.</returns>
    public static async ValueTask<bool> WriteAsync(IObjectStore store, long first, long last, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(last, first);
        var loader = new SnapshotLoader(store);
        Dictionary<object, DeltaAction> latest = [];
        for (var version = first; version <= last; version++)
        {
            var actions = await loader.ReadCommitAsync(version, cancellationToken).ConfigureAwait(false)
                ?? throw DeltaException.Invalid($"The versions {first} to {last} cannot be compacted: there is no commit {version}.");
            foreach (var action in actions)
            {
                if (KeyOf(action) is { } key)
                {
                    latest[key] = action;
                }
            }
        }

        return await store.TryPutIfAbsentAsync(
            LogPath.Compacted(first, last), ActionWriter.Encode(latest.Values), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the newest action of a kind supersedes; null for what a state does not keep.</summary>
    private static object? KeyOf(DeltaAction action) => action switch
    {
        AddFile add => add.Key,
        RemoveFile remove => remove.Key,
        TransactionMarker marker => ("txn", marker.AppId),
        DomainMetadata domain => ("domain", domain.Domain),
        Metadata => "metaData",
        Protocol => "protocol",
        _ => null,
    };
}
