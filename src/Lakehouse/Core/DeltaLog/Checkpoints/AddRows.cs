using Apache.Arrow;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>The column <c>add</c> of a batch of checkpoint rows.</summary>
internal sealed class AddRows
{
    private readonly ArrowRows _add;
    private readonly ArrowRows _vector;
    private readonly StringArray? _path;
    private readonly StringArray? _stats;
    private readonly Int64Array? _size;
    private readonly StructArray? _parsed;
    private readonly MapArray? _partitions;

    public AddRows(RecordBatch batch)
    {
        Length = batch.Length;
        _add = new(batch.Schema.GetFieldIndex("add") is >= 0 and var i ? batch.Column(i) : null);
        _vector = _add.Struct("deletionVector");
        _path = _add.Field("path") as StringArray;
        _stats = _add.Field("stats") as StringArray;
        _size = _add.Field("size") as Int64Array;
        _parsed = _add.Field("stats_parsed") as StructArray;
        _partitions = _add.Field("partitionValues") as MapArray;
    }

    public int Length { get; }

    public bool IsAdd(int row) => !_add.IsNull(row);

    public long Size(int row) => _size?.GetValue(row) ?? _add.Number("size", row) ?? throw CheckpointRows.Missing("add.size");

    /// <summary>The path as the log spells it, in UTF-8.</summary>
    public ReadOnlySpan<byte> Path(int row) => _path is { } paths && !paths.IsNull(row) ? paths.GetBytes(row) : throw CheckpointRows.Missing("add.path");

    public FileKey Key(int row) => FileKey.Of(_add.Text("path", row)!, Vector(row));

    public DeletionVectorDescriptor? Vector(int row) => CheckpointRows.Vector(_vector, row);

    public AddFile Add(int row) => new()
    {
        Path = _add.Text("path", row) ?? throw CheckpointRows.Missing("add.path"),
        PartitionValues = _add.Values("partitionValues", row) ?? new Dictionary<string, string?>(),
        Size = Size(row),
        ModificationTime = _add.Number("modificationTime", row) ?? 0,
        // A checkpoint's add only restates the file.
        DataChange = false,
        Stats = _add.Text("stats", row) ?? ParsedStatistics.ToJson(_parsed, row),
        Tags = _add.Values("tags", row),
        DeletionVector = Vector(row),
        BaseRowId = _add.Number("baseRowId", row),
        DefaultRowCommitVersion = _add.Number("defaultRowCommitVersion", row),
        ClusteringProvider = _add.Text("clusteringProvider", row),
    };

    /// <summary>The bounds of columns for some of the rows.</summary>
    public ColumnBounds[] Bounds(int[] rows, IReadOnlyList<StatisticsColumn> columns)
    {
        StatisticsColumn[] inData = [.. columns.Where(c => c.Partition is null)];
        var bounds = inData.Length == 0 ? [] : _stats is null ? ParsedBounds.Read(_parsed, rows, inData) : Texts(_stats, rows, inData);
        return [.. columns.Select(c => c.Partition is { } ? Partition(rows, c) : bounds[System.Array.IndexOf(inData, c)])];
    }

    /// <summary>The rows that a reader sees of some of the files; -1 where unknown.</summary>
    public long[] LiveRecords(int[] rows)
    {
        var records = new long[rows.Length];
        var parsed = _stats is null ? new ArrowRows(_parsed).Field("numRecords") as Int64Array : null;
        for (var i = 0; i < rows.Length; i++)
        {
            var physical = parsed is not null ? parsed.GetValue(rows[i])
                : _stats is not null && !_stats.IsNull(rows[i]) ? FileStatistics.ReadNumRecords(_stats.GetBytes(rows[i])) : null;
            records[i] = physical - (Vector(rows[i])?.Cardinality ?? 0) ?? -1;
        }

        return records;
    }

    private static ColumnBounds[] Texts(StringArray stats, int[] rows, StatisticsColumn[] columns)
    {
        var texts = StatisticsText.For(columns, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            if (!stats.IsNull(rows[i]))
            {
                texts.Read(i, stats.GetBytes(rows[i]));
            }
        }

        return texts.Bounds;
    }

    private PartitionBounds Partition(int[] rows, StatisticsColumn column)
    {
        var codes = new PartitionCodes(column.Partition!, rows.Length);
        if (_partitions is null)
        {
            return codes.ToBounds();
        }

        var name = System.Text.Encoding.UTF8.GetBytes(column.Path[0]);
        var keys = (StringArray)_partitions.Keys;
        var values = (StringArray)_partitions.Values;
        var offsets = _partitions.ValueOffsets;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var entry = offsets[rows[i]]; entry < offsets[rows[i] + 1]; entry++)
            {
                if (keys.GetBytes(entry).SequenceEqual(name))
                {
                    codes.Set(i, values.IsNull(entry) ? default : values.GetBytes(entry));
                }
            }
        }

        return codes.ToBounds();
    }
}
