using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Diagnostics;
using DataPlatform.Lakehouse.Schemas;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>What clean-up may delete.</summary>
public sealed record CleanUpOptions
{
    /// <summary>
    /// How long removed and unreferenced files are kept; null takes the table's <c>delta.deletedFileRetentionDuration</c> (7 days). Time
    /// travel beyond it, and writers that are slower than it, lose their files.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether to only tell what would be deleted.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What clean-up deleted, or would delete.</summary>
/// <param name="Paths">The files' paths in the store.</param>
/// <param name="Bytes">Their size.</param>
public sealed record CleanUpResult(IReadOnlyList<string> Paths, long Bytes);

/// <summary>Deletes files that no version within the retention refers to.</summary>
internal sealed class CleanUp(DeltaTable table, CleanUpOptions options)
{
    private readonly ILogger _logger = table.Options.LoggerFactory.CreateLogger<CleanUp>();

    public async Task<CleanUpResult> RunAsync(CancellationToken cancellationToken)
    {
        var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var retention = options.Retention ?? TableProperties.DeletedFileRetention(snapshot.Metadata);
        ArgumentOutOfRangeException.ThrowIfLessThan(retention, TimeSpan.Zero);
        var oldest = table.Options.Time.GetUtcNow() - retention;
        var kept = Kept(snapshot.State, oldest);
        List<string> paths = [];
        long bytes = 0;
        await foreach (var info in table.Store.ListAsync(string.Empty, null, cancellationToken).ConfigureAwait(false))
        {
            if (IsCandidate(info.Path, snapshot.PartitionColumns) && info.LastModified < oldest && !kept.Contains(info.Path))
            {
                paths.Add(info.Path);
                bytes += info.SizeBytes;
            }
        }

        if (!options.DryRun)
        {
            foreach (var path in paths)
            {
                await table.Store.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
            }

            _logger.CleanedUp(paths.Count, bytes);
        }

        return new CleanUpResult(paths, bytes);
    }

    /// <summary>Live files, files removed within the retention, and the deletion vectors of both.</summary>
    private static HashSet<string> Kept(Snapshots.SnapshotState state, DateTimeOffset oldest)
    {
        HashSet<string> kept = new(StringComparer.Ordinal);
        void Keep(string path, DeletionVectorDescriptor? vector)
        {
            if (!DataPath.IsAbsolute(path))
            {
                kept.Add(DataPath.InStore(path));
            }

            if (vector is { StorageType: "u" })
            {
                kept.Add(DeletionVectorPath.InStore(vector));
            }
        }

        foreach (var file in state.Files)
        {
            Keep(file.Path, file.DeletionVector);
        }

        foreach (var remove in state.Tombstones.Values.Where(r => (r.DeletionTimestamp ?? 0) >= oldest.ToUnixTimeMilliseconds()))
        {
            Keep(remove.Path, remove.DeletionVector);
        }

        return kept;
    }

    /// <summary>Names that begin with an underscore or a dot are not data, except partition folders and the change data folder.</summary>
    private static bool IsCandidate(string path, IReadOnlyList<string> partitions)
        => !path.StartsWith(LogPath.Folder, StringComparison.Ordinal)
            && path.Split('/').All(part => part[0] is not '_' and not '.'
                || part == "_change_data" || partitions.Any(p => part.StartsWith(p + "=", StringComparison.Ordinal)));
}
