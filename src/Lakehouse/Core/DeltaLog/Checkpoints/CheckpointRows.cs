using Apache.Arrow;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Turns one batch of checkpoint rows into actions; each row holds exactly one.</summary>
internal sealed class CheckpointRows
{
    private readonly ArrowRows _add;
    private readonly ArrowRows _addVector;
    private readonly ArrowRows _remove;
    private readonly ArrowRows _removeVector;
    private readonly ArrowRows _metadata;
    private readonly ArrowRows _protocol;
    private readonly ArrowRows _txn;
    private readonly ArrowRows _domain;
    private readonly ArrowRows _sidecar;
    private readonly ArrowRows _checkpoint;
    private readonly IArrowArray? _parsedStats;
    private readonly StringArray? _addPath;
    private readonly int _length;

    public CheckpointRows(RecordBatch batch)
    {
        ArrowRows Column(string name) => new(batch.Schema.GetFieldIndex(name) is >= 0 and var i ? batch.Column(i) : null);
        _length = batch.Length;
        _add = Column("add");
        _addVector = _add.Struct("deletionVector");
        _remove = Column("remove");
        _removeVector = _remove.Struct("deletionVector");
        _metadata = Column("metaData");
        _protocol = Column("protocol");
        _txn = Column("txn");
        _domain = Column("domainMetadata");
        _sidecar = Column("sidecar");
        _checkpoint = Column("checkpointMetadata");
        _parsedStats = _add.Field("stats_parsed");
        _addPath = _add.Field("path") as StringArray;
    }

    public int Length => _length;

    public bool IsAdd(int row) => !_add.IsNull(row);

    public long AddSize(int row) => _add.Number("size", row) ?? throw Missing("add.size");

    /// <summary>The path of an add as the log spells it, in UTF-8.</summary>
    public ReadOnlySpan<byte> AddPath(int row) => _addPath is { } paths && !paths.IsNull(row) ? paths.GetBytes(row) : throw Missing("add.path");

    /// <summary>The action of a row that is no add; null for one that is not known.</summary>
    public DeltaAction? Other(int row)
        => !_remove.IsNull(row) ? Remove(row)
            : !_metadata.IsNull(row) ? Metadata(row)
            : !_protocol.IsNull(row) ? Protocol(row)
            : !_txn.IsNull(row) ? new TransactionMarker(
                Need(_txn.Text("appId", row), "txn.appId"), _txn.Number("version", row) ?? 0, _txn.Number("lastUpdated", row))
            : !_domain.IsNull(row) ? new DomainMetadata(
                Need(_domain.Text("domain", row), "domainMetadata.domain"), _domain.Text("configuration", row) ?? string.Empty,
                _domain.Flag("removed", row) ?? false)
            : !_sidecar.IsNull(row) ? new Sidecar(
                Need(_sidecar.Text("path", row), "sidecar.path"), _sidecar.Number("sizeInBytes", row) ?? 0,
                _sidecar.Number("modificationTime", row) ?? 0)
            : !_checkpoint.IsNull(row) ? new CheckpointMetadata(_checkpoint.Number("version", row) ?? -1)
            : null;

    public AddFile Add(int row) => new()
    {
        Path = Need(_add.Text("path", row), "add.path"),
        PartitionValues = _add.Values("partitionValues", row) ?? new Dictionary<string, string?>(),
        Size = _add.Number("size", row) ?? throw Missing("add.size"),
        ModificationTime = _add.Number("modificationTime", row) ?? 0,
        // A checkpoint's add only restates the file.
        DataChange = false,
        Stats = _add.Text("stats", row) ?? ParsedStatistics.ToJson(_parsedStats, row),
        Tags = _add.Values("tags", row),
        DeletionVector = Vector(_addVector, row),
        BaseRowId = _add.Number("baseRowId", row),
        DefaultRowCommitVersion = _add.Number("defaultRowCommitVersion", row),
        ClusteringProvider = _add.Text("clusteringProvider", row),
    };

    private RemoveFile Remove(int row) => new()
    {
        Path = Need(_remove.Text("path", row), "remove.path"),
        PartitionValues = _remove.Values("partitionValues", row) ?? new Dictionary<string, string?>(),
        Size = _remove.Number("size", row),
        DeletionTimestamp = _remove.Number("deletionTimestamp", row),
        ExtendedFileMetadata = _remove.Flag("extendedFileMetadata", row),
        DataChange = false,
        DeletionVector = Vector(_removeVector, row),
        BaseRowId = _remove.Number("baseRowId", row),
        DefaultRowCommitVersion = _remove.Number("defaultRowCommitVersion", row),
    };

    private static DeletionVectorDescriptor? Vector(ArrowRows rows, int row) => rows.IsNull(row) || rows.Text("storageType", row) is not { } type
        ? null
        : new DeletionVectorDescriptor(
            type, Need(rows.Text("pathOrInlineDv", row), "deletionVector.pathOrInlineDv"), (int)(rows.Number("sizeInBytes", row) ?? 0),
            rows.Number("cardinality", row) ?? 0, (int?)rows.Number("offset", row));

    private Metadata Metadata(int row)
    {
        var format = _metadata.Struct("format");
        return new Metadata
        {
            Id = _metadata.Text("id", row) ?? string.Empty,
            Name = _metadata.Text("name", row),
            Description = _metadata.Text("description", row),
            FormatProvider = format.IsNull(row) ? "parquet" : format.Text("provider", row) ?? "parquet",
            FormatOptions = Texts(format.IsNull(row) ? null : format.Values("options", row)),
            SchemaString = _metadata.Text("schemaString", row),
            PartitionColumns = _metadata.Texts("partitionColumns", row) ?? [],
            Configuration = Texts(_metadata.Values("configuration", row)),
            CreatedTime = _metadata.Number("createdTime", row),
        };
    }

    private Protocol Protocol(int row) => new()
    {
        MinReaderVersion = (int)(_protocol.Number("minReaderVersion", row) ?? throw Missing("protocol.minReaderVersion")),
        MinWriterVersion = (int)(_protocol.Number("minWriterVersion", row) ?? throw Missing("protocol.minWriterVersion")),
        ReaderFeatures = _protocol.Texts("readerFeatures", row),
        WriterFeatures = _protocol.Texts("writerFeatures", row),
    };

    private static Dictionary<string, string> Texts(IReadOnlyDictionary<string, string?>? values)
        => values?.ToDictionary(v => v.Key, v => v.Value ?? string.Empty, StringComparer.Ordinal) ?? [];

    private static string Need(string? value, string what) => value ?? throw Missing(what);

    private static InvalidDataException Missing(string what) => new($"{what} is missing.");
}
