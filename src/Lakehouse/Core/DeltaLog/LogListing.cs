using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>What is in the log folder, from some version on.</summary>
internal sealed class LogListing
{
    /// <summary>Commits by version, with the time of their file.</summary>
    public SortedDictionary<long, (LogFile File, DateTimeOffset Time)> Commits { get; } = [];

    /// <summary>Complete checkpoints by version: the files that make up one of them.</summary>
    public Dictionary<long, IReadOnlyList<LogFile>> Checkpoints { get; } = [];

    /// <summary>Compacted log files.</summary>
    public List<LogFile> Compacted { get; } = [];

    /// <summary>Versions that have a checksum file.</summary>
    public HashSet<long> Checksums { get; } = [];

    /// <summary>The newest version there is, or -1.</summary>
    public long Latest { get; private set; } = -1;

    private Dictionary<long, DateTimeOffset> CheckpointTimes { get; } = [];

    public static async ValueTask<LogListing> ReadAsync(IObjectStore store, long from, CancellationToken cancellationToken)
    {
        var listing = new LogListing();
        List<(LogFile File, ObjectInfo Info)> checkpoints = [];
        await foreach (var info in store.ListAsync(LogPath.Folder, from > 0 ? LogPath.Before(from) : null, cancellationToken).ConfigureAwait(false))
        {
            var file = LogPath.Parse(info.Path);
            switch (file.Kind)
            {
                case LogFileKind.Commit: listing.Commits[file.Version] = (file, info.LastModified); break;
                case LogFileKind.Compacted: listing.Compacted.Add(file); break;
                case LogFileKind.Checksum: listing.Checksums.Add(file.Version); break;
                case LogFileKind.ClassicCheckpoint or LogFileKind.CheckpointPart or LogFileKind.V2Checkpoint:
                    checkpoints.Add((file, info));
                    break;
            }
        }

        listing.AddCheckpoints(checkpoints);
        listing.Latest = Math.Max(listing.Commits.Keys.DefaultIfEmpty(-1).Last(), listing.Checkpoints.Keys.DefaultIfEmpty(-1).Max());
        return listing;
    }

    /// <summary>When a version was committed, by its file.</summary>
    public DateTimeOffset TimeOf(long version)
        => Commits.TryGetValue(version, out var commit) ? commit.Time : CheckpointTimes.GetValueOrDefault(version);

    private void AddCheckpoints(List<(LogFile File, ObjectInfo Info)> files)
    {
        foreach (var version in files.GroupBy(f => f.File.Version))
        {
            // Several kinds at one version are legal and equal; a multi-part one counts only when every part is there.
            var whole = version.FirstOrDefault(f => f.File.Kind == LogFileKind.V2Checkpoint).File;
            whole = whole.Path is null ? version.FirstOrDefault(f => f.File.Kind == LogFileKind.ClassicCheckpoint).File : whole;
            IReadOnlyList<LogFile>? chosen = whole.Path is not null ? [whole] : version
                .Where(f => f.File.Kind == LogFileKind.CheckpointPart)
                .GroupBy(f => f.File.Parts)
                .Where(g => g.Select(f => f.File.Part).Distinct().Count() == g.Key)
                .Select(g => (IReadOnlyList<LogFile>)[.. g.OrderBy(f => f.File.Part).Select(f => f.File)])
                .FirstOrDefault();
            if (chosen is not null)
            {
                Checkpoints[version.Key] = chosen;
                CheckpointTimes[version.Key] = version.Max(f => f.Info.LastModified);
            }
        }
    }
}
