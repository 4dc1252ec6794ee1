using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// Removes log files that no readable version needs: everything before the newest checkpoint that is older than the retention. The versions
/// from that checkpoint on stay readable.
/// </summary>
internal static class LogCleanUp
{
    private static readonly TimeSpan SidecarGrace = TimeSpan.FromDays(1);

    /// <returns>How many files were removed.</returns>
    public static async ValueTask<int> RunAsync(
        IObjectStore store, SnapshotState state, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var cutoff = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) - TableProperties.LogRetention(state.Metadata);
        var listing = await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false);
        var keepFrom = listing.Checkpoints.Keys.Where(v => v < state.Version && listing.TimeOf(v) < cutoff).DefaultIfEmpty(-1).Max();
        if (keepFrom <= 0)
        {
            return 0;
        }

        var sidecars = await ReferencedAsync(store, listing, keepFrom, cancellationToken).ConfigureAwait(false);
        List<string> expired = [];
        await foreach (var info in store.ListAsync(LogPath.Folder, null, cancellationToken).ConfigureAwait(false))
        {
            var file = LogPath.Parse(info.Path);
            var isOld = file.Kind != LogFileKind.Other && file.EndVersion < keepFrom;
            var isLostSidecar = info.Path.StartsWith(LogPath.Sidecars, StringComparison.Ordinal)
                && !sidecars.Contains(info.Path) && info.LastModified < now - SidecarGrace;
            if (isOld || isLostSidecar)
            {
                expired.Add(info.Path);
            }
        }

        // Oldest first: a cut-short clean-up leaves no gap between a checkpoint and the commits that need it.
        foreach (var path in expired.Order(StringComparer.Ordinal))
        {
            await store.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
        }

        return expired.Count;
    }

    private static async ValueTask<HashSet<string>> ReferencedAsync(
        IObjectStore store, LogListing listing, long keepFrom, CancellationToken cancellationToken)
    {
        HashSet<string> referenced = new(StringComparer.Ordinal);
        foreach (var (_, files) in listing.Checkpoints.Where(c => c.Key >= keepFrom))
        {
            foreach (var file in files.Where(f => f.Kind == LogFileKind.V2Checkpoint))
            {
                foreach (var sidecar in await CheckpointReader.SidecarsAsync(store, file.Path, cancellationToken).ConfigureAwait(false))
                {
                    referenced.Add(sidecar);
                }
            }
        }

        return referenced;
    }
}
