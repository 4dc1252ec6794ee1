using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Makes the state of a version from the log, or moves one on by newer commits.</summary>
internal sealed class SnapshotLoader(IObjectStore store)
{
    /// <summary>Replays the log to a version.</summary>
    /// <param name="version">The version, or null for the latest.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    public async ValueTask<SnapshotState> LoadAsync(long? version, CancellationToken cancellationToken)
    {
        var segment = await LogSegment.FindAsync(store, version, cancellationToken).ConfigureAwait(false);
        var replay = new LogReplay();
        for (var i = segment.Deltas.Count - 1; i >= 0; i--)
        {
            var path = segment.Deltas[i].Path;
            var content = await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false)
                ?? throw DeltaException.Corrupt(path, "it vanished while the table was being read; try again");
            var actions = CommitFile.Parse(content.Span, path);
            if (segment.Deltas[i].Kind == LogFileKind.Compacted)
            {
                // Where a compacted file keeps two words on one file, the newer one stands first.
                actions.Reverse();
            }

            replay.ApplyOlder(actions, isNewest: i == segment.Deltas.Count - 1);
        }

        await CheckpointReader.ReadAsync(store, segment.Checkpoint, replay, cancellationToken).ConfigureAwait(false);
        return replay.ToState(segment);
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
        return content is { } bytes ? CommitFile.Parse(bytes.Span, path) : null;
    }
}
