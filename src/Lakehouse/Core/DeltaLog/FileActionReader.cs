using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Reads add, remove and cdc: the bulk of every log, hence without an allocation per field name.</summary>
internal static class FileActionReader
{
    public static FileAction Read(ref Utf8JsonReader reader, char kind)
    {
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        var fields = default(Fields);
        while (JsonFields.NextProperty(ref reader))
        {
            ReadField(ref reader, ref fields);
        }

        return kind switch
        {
            'a' => fields.ToAdd(),
            'r' => fields.ToRemove(),
            _ => fields.ToCdc(),
        };
    }

    private static void ReadField(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (Take(ref reader, "path"u8)) { fields.Path = JsonFields.Text(ref reader); }
        else if (Take(ref reader, "partitionValues"u8)) { fields.PartitionValues = JsonFields.Values(ref reader); }
        else if (Take(ref reader, "size"u8)) { fields.Size = JsonFields.Number(ref reader); }
        else if (Take(ref reader, "modificationTime"u8)) { fields.ModificationTime = JsonFields.Number(ref reader); }
        else if (Take(ref reader, "dataChange"u8)) { fields.DataChange = JsonFields.Flag(ref reader); }
        else if (Take(ref reader, "stats"u8)) { fields.Stats = JsonFields.Text(ref reader); }
        else if (Take(ref reader, "tags"u8)) { fields.Tags = JsonFields.Values(ref reader); }
        else if (Take(ref reader, "deletionVector"u8)) { fields.DeletionVector = ReadVector(ref reader); }
        else if (Take(ref reader, "deletionTimestamp"u8)) { fields.DeletionTimestamp = JsonFields.Number(ref reader); }
        else if (Take(ref reader, "extendedFileMetadata"u8)) { fields.Extended = JsonFields.Flag(ref reader); }
        else if (Take(ref reader, "baseRowId"u8)) { fields.BaseRowId = JsonFields.Number(ref reader); }
        else if (Take(ref reader, "defaultRowCommitVersion"u8)) { fields.RowCommitVersion = JsonFields.Number(ref reader); }
        else if (Take(ref reader, "clusteringProvider"u8)) { fields.ClusteringProvider = JsonFields.Text(ref reader); }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private static bool Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name) && reader.Read();

    private static DeletionVectorDescriptor? ReadVector(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        string? type = null, path = null;
        long? offset = null, size = null, cardinality = null;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            if (Take(ref reader, "storageType"u8)) { type = JsonFields.Text(ref reader); }
            else if (Take(ref reader, "pathOrInlineDv"u8)) { path = JsonFields.Text(ref reader); }
            else if (Take(ref reader, "offset"u8)) { offset = JsonFields.Number(ref reader); }
            else if (Take(ref reader, "sizeInBytes"u8)) { size = JsonFields.Number(ref reader); }
            else if (Take(ref reader, "cardinality"u8)) { cardinality = JsonFields.Number(ref reader); }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new DeletionVectorDescriptor(
            JsonFields.Need(type, "deletionVector.storageType"), JsonFields.Need(path, "deletionVector.pathOrInlineDv"),
            checked((int)JsonFields.Need(size, "deletionVector.sizeInBytes")), JsonFields.Need(cardinality, "deletionVector.cardinality"),
            checked((int?)offset));
    }

    private struct Fields
    {
        public string? Path;
        public IReadOnlyDictionary<string, string?>? PartitionValues;
        public IReadOnlyDictionary<string, string?>? Tags;
        public long? Size;
        public long? ModificationTime;
        public long? DeletionTimestamp;
        public long? BaseRowId;
        public long? RowCommitVersion;
        public bool? DataChange;
        public bool? Extended;
        public string? Stats;
        public string? ClusteringProvider;
        public DeletionVectorDescriptor? DeletionVector;

        public readonly AddFile ToAdd() => new()
        {
            Path = JsonFields.Need(Path, "add.path"),
            PartitionValues = PartitionValues ?? new Dictionary<string, string?>(),
            Size = JsonFields.Need(Size, "add.size"),
            ModificationTime = ModificationTime ?? 0,
            DataChange = DataChange ?? true,
            Stats = Stats,
            Tags = Tags,
            DeletionVector = DeletionVector,
            BaseRowId = BaseRowId,
            DefaultRowCommitVersion = RowCommitVersion,
            ClusteringProvider = ClusteringProvider,
        };

        public readonly RemoveFile ToRemove() => new()
        {
            Path = JsonFields.Need(Path, "remove.path"),
            PartitionValues = PartitionValues ?? new Dictionary<string, string?>(),
            Size = Size,
            DeletionTimestamp = DeletionTimestamp,
            ExtendedFileMetadata = Extended,
            DataChange = DataChange ?? true,
            Stats = Stats,
            Tags = Tags,
            DeletionVector = DeletionVector,
            BaseRowId = BaseRowId,
            DefaultRowCommitVersion = RowCommitVersion,
        };

        public readonly AddCdcFile ToCdc() => new()
        {
            Path = JsonFields.Need(Path, "cdc.path"),
            PartitionValues = PartitionValues ?? new Dictionary<string, string?>(),
            Size = Size ?? 0,
            DataChange = DataChange ?? false,
            Tags = Tags,
        };
    }
}
