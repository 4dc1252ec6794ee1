using System.Collections.Immutable;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>One version of a table: its schema, properties and live files. Immutable and thread-safe; stays valid while its files exist.</summary>
public sealed class Snapshot
{
    private readonly Lazy<long?> _rows;

    internal Snapshot(SnapshotState state, IObjectStore store, DatasetId? dataset)
    {
        State = state;
        Store = store;
        Dataset = dataset;
        _rows = new Lazy<long?>(state.Files.CountRows);
    }

    /// <summary>The version, 0 or higher.</summary>
    public long Version => State.Version;

    /// <summary>When the version was committed, UTC.</summary>
    public DateTimeOffset Timestamp => State.Timestamp;

    /// <summary>The schema by logical names.</summary>
    public StructType Schema => State.Schema;

    /// <summary>The metadata action in force.</summary>
    public Metadata Metadata => State.Metadata;

    /// <summary>The protocol action in force.</summary>
    public Protocol Protocol => State.Protocol;

    /// <summary>The partition columns by logical name.</summary>
    public IReadOnlyList<string> PartitionColumns => State.Metadata.PartitionColumns;

    /// <summary>The live data files, in no particular order.</summary>
    public IReadOnlyList<AddFile> Files => State.Files;

    /// <summary>The rows a reader sees, from statistics; null when a file has none.</summary>
    public long? RowCount => _rows.Value;

    /// <summary>The sum of the data files' lengths.</summary>
    public long SizeBytes => State.Files.SizeBytes;

    /// <summary>Domains of the table by name, removed ones left out.</summary>
    public IReadOnlyDictionary<string, DomainMetadata> Domains => State.Domains;

    /// <summary>Every application's marker by its id.</summary>
    public IReadOnlyDictionary<string, TransactionMarker> Transactions => State.Transactions;

    /// <summary>The dataset's name, where the table was opened with one.</summary>
    public DatasetId? Dataset { get; }

    /// <summary>This version as other engines name it; null where the table has no dataset name.</summary>
    public DatasetVersion? DatasetVersion => Dataset is { } dataset ? new DatasetVersion(dataset, Version) : null;

    /// <summary>The store that holds the table, rooted at it.</summary>
    public IObjectStore Store { get; }

    internal SnapshotState State { get; }

    /// <summary>The version an application last wrote, or null when it never did. See <see cref="DeltaTransaction.SetTransaction"/>.</summary>
    /// <param name="appId">The application.</param>
    public long? TransactionVersion(string appId) => State.Transactions.TryGetValue(appId, out var marker) ? marker.Version : null;

    /// <summary>A table property, or null.</summary>
    /// <param name="name">Its name, for example <c>delta.appendOnly</c>.</param>
    public string? Property(string name) => Metadata.Configuration.GetValueOrDefault(name);

    /// <summary>Reads rows of this version.</summary>
    public TableScan Scan() => new(this);

    /// <summary>The path of a data file in <see cref="Store"/>.</summary>
    /// <param name="file">A file of this snapshot.</param>
    /// <exception cref="DeltaException">The log names a place outside the table.</exception>
    public string PathOf(FileAction file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return DataPath.IsAbsolute(file.Path) ? AbsolutePath.InStore(Store, file.Path) : DataPath.InStore(file.Path);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Dataset?.Name ?? Metadata.Name ?? Metadata.Id}@{Version}";
}

/// <summary>What a snapshot is made of; shared between versions where nothing changed.</summary>
internal sealed record SnapshotState(
    long Version,
    DateTimeOffset Timestamp,
    Protocol Protocol,
    Metadata Metadata,
    StructType Schema,
    LiveFiles Files,
    ImmutableDictionary<FileKey, RemoveFile> Tombstones,
    ImmutableDictionary<string, TransactionMarker> Transactions,
    ImmutableDictionary<string, DomainMetadata> Domains,
    long? InCommitTimestamp,
    long CheckpointVersion)
{
    /// <summary>The state after the next commit.</summary>
    public SnapshotState Next(IReadOnlyList<DeltaAction> commit, DateTimeOffset fileTime)
    {
        var tombstones = Tombstones.ToBuilder();
        var transactions = Transactions;
        var domains = Domains;
        var protocol = Protocol;
        var metadata = Metadata;
        long? inCommit = null;
        foreach (var action in commit)
        {
            switch (action)
            {
                case AddFile add: tombstones.Remove(add.Key); break;
                case RemoveFile remove: tombstones[remove.Key] = remove; break;
                case Protocol p: protocol = p; break;
                case Metadata m: metadata = m; break;
                case TransactionMarker marker: transactions = transactions.SetItem(marker.AppId, marker); break;
                case DomainMetadata domain:
                    domains = domain.Removed ? domains.Remove(domain.Domain) : domains.SetItem(domain.Domain, domain);
                    break;
                case CommitInfo info: inCommit = info.InCommitTimestamp ?? inCommit; break;
            }
        }

        TableFeatures.CheckReadable(protocol);
        return this with
        {
            Version = Version + 1,
            Timestamp = TimeOf(metadata, inCommit, fileTime),
            Protocol = protocol,
            Metadata = metadata,
            Schema = ReferenceEquals(metadata, Metadata) ? Schema : SchemaOf(metadata),
            Files = Files.With(commit),
            Tombstones = tombstones.ToImmutable(),
            Transactions = transactions,
            Domains = domains,
            InCommitTimestamp = inCommit,
        };
    }

    public static DateTimeOffset TimeOf(Metadata metadata, long? inCommitTimestamp, DateTimeOffset fileTime)
        => inCommitTimestamp is { } time && TableProperties.InCommitTimestamps(metadata) ? DateTimeOffset.FromUnixTimeMilliseconds(time) : fileTime;

    public static StructType SchemaOf(Metadata metadata)
    {
        if (metadata.FormatProvider != "parquet")
        {
            throw DeltaException.Invalid($"The table's data files are '{metadata.FormatProvider}'; Delta tables hold Parquet.");
        }

        if (metadata.SchemaString is not { Length: > 0 } text)
        {
            return DeltaType.Struct();
        }

        var schema = StructType.FromJson(text);
        return ColumnMapping.ModeOf(metadata.Configuration) == ColumnMappingMode.None ? ColumnMapping.WithoutMapping(schema) : schema;
    }
}
