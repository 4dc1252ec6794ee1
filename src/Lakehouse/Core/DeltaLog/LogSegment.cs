using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The files that make up one version: a complete checkpoint, or none, and the commits after it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Timestamp">When the last commit file was written.</param>
/// <param name="CheckpointVersion">The checkpoint's version, or -1.</param>
/// <param name="Checkpoint">Its files.</param>
/// <param name="Deltas">Commits and compacted files in growing order, covering every version after the checkpoint once.</param>
internal sealed record LogSegment(
    long Version, DateTimeOffset Timestamp, long CheckpointVersion, IReadOnlyList<LogFile> Checkpoint, IReadOnlyList<LogFile> Deltas)
{
    /// <summary>Finds the files of a version.</summary>
    /// <param name="store">The table's store.</param>
    /// <param name="version">The version, or null for the latest.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="DeltaException">There is no table, no such version, or a commit is missing between others.</exception>
    public static async ValueTask<LogSegment> FindAsync(IObjectStore store, long? version, CancellationToken cancellationToken)
    {
        var hint = await LastCheckpointHint.ReadAsync(store, cancellationToken).ConfigureAwait(false);
        if (hint is { } start && (version is null || start <= version))
        {
            var listed = await LogListing.ReadAsync(store, start, cancellationToken).ConfigureAwait(false);
            if (listed.Checkpoints.ContainsKey(start))
            {
                return Choose(listed, version);
            }
        }

        return Choose(await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false), version);
    }

    /// <summary>Picks the newest checkpoint not above the version, and the commits up to it. Pure.</summary>
    public static LogSegment Choose(LogListing log, long? version)
    {
        if (log.Latest < 0)
        {
            throw DeltaException.Invalid("This folder is not a Delta table: there is no commit in its _delta_log.");
        }

        var target = version ?? log.Latest;
        if (target > log.Latest || target < 0)
        {
            throw DeltaException.Invalid($"There is no version {target}; the newest one is {log.Latest}.");
        }

        var checkpoint = log.Checkpoints.Keys.Where(v => v <= target).DefaultIfEmpty(-1).Max();
        var deltas = Cover(log, checkpoint + 1, target, version);
        return new LogSegment(target, log.TimeOf(target), checkpoint, checkpoint < 0 ? [] : log.Checkpoints[checkpoint], deltas);
    }

    private static List<LogFile> Cover(LogListing log, long first, long target, long? asked)
    {
        List<LogFile> deltas = [];
        for (var v = target; v >= first;)
        {
            // The compacted file that reaches furthest back replaces the most commits.
            var compacted = log.Compacted.Where(c => c.EndVersion == v && c.Version >= first && c.Version < v).OrderBy(c => c.Version).FirstOrDefault();
            if (compacted.Path is not null)
            {
                deltas.Add(compacted);
                v = compacted.Version - 1;
                continue;
            }

            if (!log.Commits.TryGetValue(v, out var commit))
            {
                throw Missing(log, v, asked);
            }

            deltas.Add(commit.File);
            v--;
        }

        deltas.Reverse();
        return deltas;
    }

    private static DeltaException Missing(LogListing log, long version, long? asked)
    {
        var oldest = log.Checkpoints.Keys.DefaultIfEmpty(long.MaxValue).Min();
        return asked is { } target && target < oldest && log.Commits.Keys.DefaultIfEmpty(0).Min() > 0
            ? DeltaException.Invalid($"Version {target} can no longer be read: its log was cleaned up, and the oldest checkpoint is {oldest}.")
            : new DeltaException(Kernel.ErrorKind.Corrupt, $"The log has a gap: '{LogPath.Commit(version)}' is missing, though later versions exist.");
    }
}
