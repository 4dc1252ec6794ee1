using Apache.Arrow;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Turns one batch of checkpoint rows into actions; each row holds exactly one.</summary>
internal sealed class CheckpointRows
{
    private readonly AddRows _adds;
    private readonly CheckpointRest? _rest;
    private readonly ArrowRows _remove;
    private readonly ArrowRows _removeVector;
    private readonly ArrowRows _metadata;
    private readonly ArrowRows _protocol;
    private readonly ArrowRows _txn;
    private readonly ArrowRows _domain;
    private readonly ArrowRows _sidecar;
    private readonly ArrowRows _checkpoint;

    /// <param name="batch">The columns: all, or of the adds only what names them.</param>
    /// <param name="rest">Where the other columns of the adds are; null where the batch has them.</param>
    public CheckpointRows(RecordBatch batch, CheckpointRest? rest)
    {
        ArrowRows Column(string name) => new(batch.Schema.GetFieldIndex(name) is >= 0 and var i ? batch.Column(i) : null);
        _rest = rest;
        _adds = new AddRows(batch);
        _remove = Column("remove");
        _removeVector = _remove.Struct("deletionVector");
        _metadata = Column("metaData");
        _protocol = Column("protocol");
        _txn = Column("txn");
        _domain = Column("domainMetadata");
        _sidecar = Column("sidecar");
        _checkpoint = Column("checkpointMetadata");
    }

    public int Length => _adds.Length;

    public bool IsAdd(int row) => _adds.IsAdd(row);

    public long AddSize(int row) => _adds.Size(row);

    /// <summary>The path of an add as the log spells it, in UTF-8.</summary>
    public ReadOnlySpan<byte> AddPath(int row) => _adds.Path(row);

    public FileKey AddKey(int row) => _adds.Key(row);

    public AddFile Add(int row) => (_rest?.Adds ?? _adds).Add(row);

    /// <summary>The bounds of columns for some of the rows.</summary>
    public ColumnBounds[] ReadBounds(int[] rows, IReadOnlyList<StatisticsColumn> columns)
        => columns.Count == 0 ? [] : (_rest?.ForBounds(columns) ?? _adds).Bounds(rows, columns);

    /// <summary>The rows that a reader sees of some of the files; -1 where unknown.</summary>
    public long[] LiveRecords(int[] rows) => (_rest?.ForRecords() ?? _adds).LiveRecords(rows);

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

    public static DeletionVectorDescriptor? Vector(ArrowRows rows, int row) => rows.IsNull(row) || rows.Text("storageType", row) is not { } type
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

    public static InvalidDataException Missing(string what) => new($"{what} is missing.");
}
