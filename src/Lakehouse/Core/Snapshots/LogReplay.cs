using System.Collections.Immutable;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DeltaLog.Checkpoints;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>Replays newest first: the first word on a file, an application or a domain is the last one spoken.</summary>
internal sealed class LogReplay : ICheckpointTarget
{
    private readonly HashSet<FileKey> _seen = [];
    private readonly List<AddFile> _live = [];
    private readonly ImmutableDictionary<FileKey, RemoveFile>.Builder _tombstones = ImmutableDictionary.CreateBuilder<FileKey, RemoveFile>();
    private readonly Dictionary<string, TransactionMarker> _transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DomainMetadata> _domains = new(StringComparer.Ordinal);
    private readonly List<CheckpointRows> _checkpointBatches = [];
    private readonly List<int[]> _checkpointRows = [];
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
        var live = new int[rows.Length];
        var count = 0;
        for (var row = 0; row < rows.Length; row++)
        {
            // Only where the hash of a path was seen must the whole key be looked up.
            if (rows.IsAdd(row) && (_seenHashes.Count == 0 || !_seenHashes.Contains(PathHash.Of(rows.AddPath(row))) || !_seen.Contains(rows.AddKey(row))))
            {
                live[count++] = row;
            }
        }

        if (count > 0)
        {
            _checkpointBatches.Add(rows);
            _checkpointRows.Add(live[..count]);
        }
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
