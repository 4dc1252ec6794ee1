using Apache.Arrow;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;
using static DataPlatform.Lakehouse.DeltaLog.Checkpoints.ArrowColumns;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>Turns actions into checkpoint rows, in the field order of the protocol's checkpoint schema.</summary>
internal static class CheckpointBatch
{
    private static readonly Field[] VectorFields =
        [TextField("storageType"), TextField("pathOrInlineDv"), IntField("offset"), IntField("sizeInBytes"), LongField("cardinality")];

    private static readonly Field[] FormatFields = [TextField("provider"), MapField("options")];

    /// <param name="rows">The actions, one a row.</param>
    /// <param name="v2">Whether the columns of a V2 checkpoint's top file are there too.</param>
    /// <param name="shape">What adds hold.</param>
    public static RecordBatch Of(DeltaAction[] rows, bool v2, CheckpointShape shape)
    {
        List<(string Name, StructArray Column)> columns =
        [
            ("txn", Transactions(rows)), ("add", Adds(rows, shape)), ("remove", Removes(rows)), ("metaData", Metadatas(rows)),
            ("protocol", Protocols(rows)), ("domainMetadata", Domains(rows)),
        ];
        if (v2)
        {
            columns.Add(("checkpointMetadata", CheckpointMetadatas(rows)));
            columns.Add(("sidecar", Sidecars(rows)));
        }

        var schema = new Schema([.. columns.Select(c => new Field(c.Name, c.Column.Data.DataType, true))], null);
        return new RecordBatch(schema, columns.Select(c => (IArrowArray)c.Column), rows.Length);
    }

    private static StructArray Transactions(DeltaAction[] rows)
    {
        var all = As<TransactionMarker>(rows);
        return Struct(
            [TextField("appId"), LongField("version"), LongField("lastUpdated")],
            [Texts(all.Select(t => t?.AppId)), Longs(all.Select(t => t?.Version)), Longs(all.Select(t => t?.LastUpdated))],
            Present(all));
    }

    private static StructArray Adds(DeltaAction[] rows, CheckpointShape shape)
    {
        var all = As<AddFile>(rows);
        var vectors = Vectors(all, f => f?.DeletionVector);
        List<Field> fields =
        [
            TextField("path"), MapField("partitionValues"), LongField("size"), LongField("modificationTime"), FlagField("dataChange"),
            MapField("tags"), new Field("deletionVector", vectors.Data.DataType, true), LongField("baseRowId"),
            LongField("defaultRowCommitVersion"), TextField("clusteringProvider"),
        ];
        List<IArrowArray> columns =
        [
            Texts(all.Select(f => f?.Path)), Maps(all.Select(f => f?.PartitionValues)), Longs(all.Select(f => f?.Size)),
            Longs(all.Select(f => f?.ModificationTime)), Flags(all.Select(f => f is null ? (bool?)null : false)),
                Maps(all.Select(f => f?.Tags)),
            vectors, Longs(all.Select(f => f?.BaseRowId)), Longs(all.Select(f => f?.DefaultRowCommitVersion)),
            Texts(all.Select(f => f?.ClusteringProvider)),
        ];
        void Add(string name, IArrowArray column)
        {
            fields.Add(new Field(name, column.Data.DataType, true));
            columns.Add(column);
        }

        if (shape.StatsAsJson)
        {
            Add("stats", Texts(all.Select(f => f?.Stats)));
        }

        if (shape.Statistics is { } statistics)
        {
            Add("stats_parsed", statistics.Build([.. all.Select(f => f?.Stats)]));
        }

        if (shape.Partitions is { } partitions)
        {
            Add("partitionValues_parsed", PartitionValues(all, partitions));
        }

        return Struct(fields, columns, Present(all));
    }

    private static StructArray PartitionValues(AddFile?[] all, IReadOnlyList<StructField> partitions)
    {
        List<Field> fields = [];
        List<IArrowArray> columns = [];
        foreach (var partition in partitions)
        {
            var name = ColumnMapping.PhysicalName(partition);
            var column = PartitionColumn.Of(partition, [.. all.Select(f => f?.PartitionValues.GetValueOrDefault(name))]);
            fields.Add(new Field(name, column.Data.DataType, true));
            columns.Add(column);
        }

        return Struct(fields, columns, Present(all));
    }

    private static StructArray Removes(DeltaAction[] rows)
    {
        var all = As<RemoveFile>(rows);
        var vectors = Vectors(all, f => f?.DeletionVector);
        return Struct(
            [
                TextField("path"), LongField("deletionTimestamp"), FlagField("dataChange"), FlagField("extendedFileMetadata"),
                MapField("partitionValues"), LongField("size"), new Field("deletionVector", vectors.Data.DataType, true),
                LongField("baseRowId"), LongField("defaultRowCommitVersion"),
            ],
            [
                Texts(all.Select(f => f?.Path)), Longs(all.Select(f => f?.DeletionTimestamp)),
                    Flags(all.Select(f => f is null ? (bool?)null : false)),
                Flags(all.Select(f => f?.ExtendedFileMetadata)), Maps(all.Select(f => f?.PartitionValues)), Longs(all.Select(f => f?.Size)),
                vectors, Longs(all.Select(f => f?.BaseRowId)), Longs(all.Select(f => f?.DefaultRowCommitVersion)),
            ],
            Present(all));
    }

    private static StructArray Vectors<T>(T?[] files, Func<T?, DeletionVectorDescriptor?> vectorOf)
    {
        var all = files.Select(vectorOf).ToArray();
        return Struct(
            VectorFields,
            [
                Texts(all.Select(v => v?.StorageType)), Texts(all.Select(v => v?.PathOrInlineDv)), Ints(all.Select(v => v?.Offset)),
                Ints(all.Select(v => v?.SizeInBytes)), Longs(all.Select(v => v?.Cardinality)),
            ],
            Present(all));
    }

    private static StructArray Metadatas(DeltaAction[] rows)
    {
        var all = As<Metadata>(rows);
        var format = Struct(
            FormatFields, [Texts(all.Select(m => m?.FormatProvider)), Maps(all.Select(m => Nullable(m?.FormatOptions)))], Present(all));
        return Struct(
            [
                TextField("id"), TextField("name"), TextField("description"), new Field("format", format.Data.DataType, true),
                TextField("schemaString"), ListField("partitionColumns"), MapField("configuration"), LongField("createdTime"),
            ],
            [
                Texts(all.Select(m => m?.Id)), Texts(all.Select(m => m?.Name)), Texts(all.Select(m => m?.Description)), format,
                Texts(all.Select(m => m?.SchemaString)), Lists(all.Select(m => m?.PartitionColumns)),
                Maps(all.Select(m => Nullable(m?.Configuration))), Longs(all.Select(m => m?.CreatedTime)),
            ],
            Present(all));
    }

    private static StructArray Protocols(DeltaAction[] rows)
    {
        var all = As<Protocol>(rows);
        return Struct(
            [IntField("minReaderVersion"), IntField("minWriterVersion"), ListField("readerFeatures"), ListField("writerFeatures")],
            [
                Ints(all.Select(p => p?.MinReaderVersion)), Ints(all.Select(p => p?.MinWriterVersion)),
                Lists(all.Select(p => p?.ReaderFeatures)), Lists(all.Select(p => p?.WriterFeatures)),
            ],
            Present(all));
    }

    private static StructArray Domains(DeltaAction[] rows)
    {
        var all = As<DomainMetadata>(rows);
        return Struct(
            [TextField("domain"), TextField("configuration"), FlagField("removed")],
            [Texts(all.Select(d => d?.Domain)), Texts(all.Select(d => d?.Configuration)), Flags(all.Select(d => d?.Removed))],
            Present(all));
    }

    private static StructArray CheckpointMetadatas(DeltaAction[] rows)
    {
        var all = As<CheckpointMetadata>(rows);
        return Struct(
            [LongField("version"), MapField("tags")], [Longs(all.Select(c => c?.Version)), Maps(all.Select(c => c?.Tags))], Present(all));
    }

    private static StructArray Sidecars(DeltaAction[] rows)
    {
        var all = As<Sidecar>(rows);
        return Struct(
            [TextField("path"), LongField("sizeInBytes"), LongField("modificationTime"), MapField("tags")],
            [
                Texts(all.Select(s => s?.Path)), Longs(all.Select(s => s?.SizeInBytes)), Longs(all.Select(s => s?.ModificationTime)),
                Maps(all.Select(s => s?.Tags)),
            ],
            Present(all));
    }

    private static T?[] As<T>(DeltaAction[] rows)
        where T : DeltaAction => [.. rows.Select(r => r as T)];

    private static bool[] Present<T>(T?[] values) => [.. values.Select(v => v is not null)];

    private static Dictionary<string, string?>? Nullable(IReadOnlyDictionary<string, string>? values)
        => values?.ToDictionary(v => v.Key, v => (string?)v.Value, StringComparer.Ordinal);
}
