using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;
using DataPlatform.Lakehouse.Diagnostics;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Makes the state of a version from the log, or moves one on by newer commits.</summary>
internal sealed class SnapshotLoader(IObjectStore store, DeltaTableOptions? options = null)
{
    private const int CommitsAhead = 64;
    private readonly DeltaTableOptions _options = options ?? new DeltaTableOptions();

    /// <summary>Replays the log to a version.</summary>
    /// <param name="version">The version, or null for the latest.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    public async ValueTask<SnapshotState> LoadAsync(long? version, CancellationToken cancellationToken)
    {
        var segment = await LogSegment.FindAsync(store, version, cancellationToken).ConfigureAwait(false);
        var replay = new LogReplay();
        await ReplayAsync(segment, replay, cancellationToken).ConfigureAwait(false);
        await CheckpointReader.ReadAsync(store, segment.Checkpoint, replay, cancellationToken).ConfigureAwait(false);
        var state = replay.ToState(segment);
        await VerifyAsync(state, cancellationToken).ConfigureAwait(false);
        return state;
    }

    /// <summary>The newest version committed at or before an instant.</summary>
    public async ValueTask<long> VersionAtAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var latest = await LoadAsync(null, cancellationToken).ConfigureAwait(false);
        var times = await CommitTimes.ReadAsync(store, latest.Metadata, cancellationToken).ConfigureAwait(false);
        if (times.Versions.Count == 0)
        {
            return latest.Timestamp <= instant ? latest.Version
                : throw DeltaException.Invalid($"The only version of the table is of {latest.Timestamp:O}, which is after {instant:O}.");
        }

        var listing = await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false);
        var oldest = times.Versions[0] == 0 ? 0 : listing.Checkpoints.Keys.Append(latest.Version).Min();
        return await times.LastAtOrBeforeAsync(oldest, instant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies the commits newest first. They are fetched and parsed side by side, some ahead of their turn.</summary>
    private async ValueTask ReplayAsync(LogSegment segment, LogReplay replay, CancellationToken cancellationToken)
    {
        Queue<(LogFile File, Task<List<DeltaAction>> Actions)> ahead = new();
        for (var next = segment.Deltas.Count - 1; next >= 0 || ahead.Count > 0;)
        {
            while (next >= 0 && ahead.Count < CommitsAhead)
            {
                var file = segment.Deltas[next--];
                ahead.Enqueue((file, Task.Run(() => ReadAsync(file.Path, cancellationToken), cancellationToken)));
            }

            var (applied, parsing) = ahead.Dequeue();
            var actions = await parsing.ConfigureAwait(false);
            if (applied.Kind == LogFileKind.Compacted)
            {
                // Where a compacted file keeps two words on one file, the newer one stands first.
                actions.Reverse();
            }

            replay.ApplyOlder(actions, isNewest: applied == segment.Deltas[^1]);
        }
    }

    private async Task<List<DeltaAction>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var content = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw DeltaException.Corrupt(path, "it vanished while the table was being read; try again");
        return CommitFile.Parse(content, path);
    }

    /// <summary>Holds a version against its checksum file, where it has one.</summary>
    private async ValueTask VerifyAsync(SnapshotState state, CancellationToken cancellationToken)
    {
        if (_options.Checksums == ChecksumVerification.Ignore
            || await ChecksumFile.ReadAsync(store, state.Version, cancellationToken).ConfigureAwait(false) is not { } checksum)
        {
            return;
        }

        var differences = string.Join("; ", checksum.Differences(state));
        if (differences.Length > 0 && _options.Checksums == ChecksumVerification.Refuse)
        {
            throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The table's log does not sum up to its checksum: {differences}.");
        }

        if (differences.Length > 0)
        {
            LakehouseLog.ChecksumDiffers(_options.LoggerFactory.CreateLogger("DataPlatform.Lakehouse"), state.Version, differences);
        }
    }

    /// <summary>Applies commits after a state; the same object when there are none.</summary>
    public async ValueTask<SnapshotState> AdvanceAsync(SnapshotState state, CancellationToken cancellationToken)
    {
        var known = state.Version;
        while (await ReadCommitAsync(state.Version + 1, cancellationToken).ConfigureAwait(false) is { } commit)
        {
            var info = await store.TryStatAsync(LogPath.Commit(state.Version + 1), cancellationToken).ConfigureAwait(false);
            state = state.Next(commit, info?.LastModified ?? state.Timestamp);
        }

        if (state.Version == known
            && await LastCheckpointHint.ReadAsync(store, cancellationToken).ConfigureAwait(false) is { } hint && hint > state.Version)
        {
            // The commits after this state were cleaned up while nobody looked: begin again from the checkpoint.
            return await LoadAsync(null, cancellationToken).ConfigureAwait(false);
        }

        return state;
    }

    /// <summary>The actions of one commit, or null when there is none of that version.</summary>
    public async ValueTask<List<DeltaAction>?> ReadCommitAsync(long version, CancellationToken cancellationToken)
    {
        var path = LogPath.Commit(version);
        var content = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false);
        return content is { } bytes ? CommitFile.Parse(bytes, path) : null;
    }
}
