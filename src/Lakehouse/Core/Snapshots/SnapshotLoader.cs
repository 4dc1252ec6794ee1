using System.Collections.Immutable;
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

/// <summary>Replays newest first: the first word on a file, an application or a domain is the last one spoken.</summary>
internal sealed class LogReplay : ICheckpointTarget
{
    private readonly HashSet<FileKey> _seen = [];
    private readonly List<AddFile> _live = [];
    private readonly ImmutableDictionary<FileKey, RemoveFile>.Builder _tombstones = ImmutableDictionary.CreateBuilder<FileKey, RemoveFile>();
    private readonly Dictionary<string, TransactionMarker> _transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DomainMetadata> _domains = new(StringComparer.Ordinal);
    private readonly List<CheckpointRows> _checkpointBatches = [];
    private readonly List<(int Batch, int Row)> _checkpointRows = [];
    private HashSet<int>? _seenHashes;
    private Protocol? _protocol;
    private Metadata? _metadata;
    private long? _inCommitTimestamp;

    public void ApplyOlder(List<DeltaAction> commit, bool isNewest)
    {
        for (var i = commit.Count - 1; i >= 0; i--)
        {
            Apply(commit[i], remember: true);
            if (isNewest && commit[i] is CommitInfo info)
            {
                _inCommitTimestamp = info.InCommitTimestamp;
            }
        }
    }

    /// <summary>A checkpoint is reconciled already: its own files need not be remembered.</summary>
    public void Apply(DeltaAction action) => Apply(action, remember: false);

    public void ApplyAdds(CheckpointRows rows)
    {
        _seenHashes ??= [.. _seen.Select(k => PathHash.Of(k.Path))];
        for (var row = 0; row < rows.Length; row++)
        {
            // Only where the hash of a path was seen must the file be made an object to find out.
            if (rows.IsAdd(row)
                && (_seenHashes.Count == 0 || !_seenHashes.Contains(PathHash.Of(rows.AddPath(row))) || !_seen.Contains(rows.Add(row).Key)))
            {
                _checkpointRows.Add((_checkpointBatches.Count, row));
            }
        }

        _checkpointBatches.Add(rows);
    }

    public SnapshotState ToState(LogSegment segment)
    {
        var protocol = _protocol ?? throw new DeltaException(
            Kernel.ErrorKind.Corrupt, $"The log of version {segment.Version} holds no protocol action; the table cannot be read.");
        TableFeatures.CheckReadable(protocol);
        var metadata = _metadata ?? throw new DeltaException(
            Kernel.ErrorKind.Corrupt, $"The log of version {segment.Version} holds no metaData action; the table cannot be read.");
        return new SnapshotState(
            segment.Version,
            SnapshotState.TimeOf(metadata, _inCommitTimestamp, segment.Timestamp),
            protocol,
            metadata,
            SnapshotState.SchemaOf(metadata),
            LiveFiles.Of(Files()),
            _tombstones.ToImmutable(),
            _transactions.ToImmutableDictionary(StringComparer.Ordinal),
            _domains.Values.Where(d => !d.Removed).ToImmutableDictionary(d => d.Domain, StringComparer.Ordinal),
            _inCommitTimestamp,
            segment.CheckpointVersion);
    }

    private FileBlock Files()
    {
        var recent = new ObjectFiles([.. _live]);
        return _checkpointRows.Count == 0 ? recent
            : new CheckpointFiles([.. _checkpointBatches], [.. _checkpointRows]) is var old && recent.Count == 0 ? old : new JoinedFiles(old, recent);
    }

    private void Apply(DeltaAction action, bool remember)
    {
        switch (action)
        {
            case AddFile add when IsNews(add.Key, remember): _live.Add(add); break;
            case RemoveFile remove when IsNews(remove.Key, remember): _tombstones[remove.Key] = remove; break;
            case Protocol protocol: _protocol ??= protocol; break;
            case Metadata metadata: _metadata ??= metadata; break;
            case TransactionMarker marker: _transactions.TryAdd(marker.AppId, marker); break;
            case DomainMetadata domain: _domains.TryAdd(domain.Domain, domain); break;
        }
    }

    private bool IsNews(FileKey key, bool remember) => remember ? _seen.Add(key) : _seen.Count == 0 || !_seen.Contains(key);
}
