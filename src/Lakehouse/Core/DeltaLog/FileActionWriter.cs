using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Writes add, remove and cdc.</summary>
internal static class FileActionWriter
{
    public static void Write(Utf8JsonWriter writer, AddFile add)
    {
        writer.WriteString("path", add.Path);
        ActionWriter.WriteValues(writer, "partitionValues", add.PartitionValues);
        writer.WriteNumber("size", add.Size);
        writer.WriteNumber("modificationTime", add.ModificationTime);
        writer.WriteBoolean("dataChange", add.DataChange);
        ActionWriter.WriteText(writer, "stats", add.Stats);
        ActionWriter.WriteValues(writer, "tags", add.Tags);
        Write(writer, add.DeletionVector);
        ActionWriter.WriteNumber(writer, "baseRowId", add.BaseRowId);
        ActionWriter.WriteNumber(writer, "defaultRowCommitVersion", add.DefaultRowCommitVersion);
        ActionWriter.WriteText(writer, "clusteringProvider", add.ClusteringProvider);
    }

    public static void Write(Utf8JsonWriter writer, RemoveFile remove)
    {
        writer.WriteString("path", remove.Path);
        ActionWriter.WriteNumber(writer, "deletionTimestamp", remove.DeletionTimestamp);
        writer.WriteBoolean("dataChange", remove.DataChange);
        if (remove.ExtendedFileMetadata is { } extended)
        {
            writer.WriteBoolean("extendedFileMetadata", extended);
            ActionWriter.WriteValues(writer, "partitionValues", remove.PartitionValues);
        }

        ActionWriter.WriteNumber(writer, "size", remove.Size);
        ActionWriter.WriteText(writer, "stats", remove.Stats);
        ActionWriter.WriteValues(writer, "tags", remove.Tags);
        Write(writer, remove.DeletionVector);
        ActionWriter.WriteNumber(writer, "baseRowId", remove.BaseRowId);
        ActionWriter.WriteNumber(writer, "defaultRowCommitVersion", remove.DefaultRowCommitVersion);
    }

    public static void Write(Utf8JsonWriter writer, AddCdcFile cdc)
    {
        writer.WriteString("path", cdc.Path);
        ActionWriter.WriteValues(writer, "partitionValues", cdc.PartitionValues);
        writer.WriteNumber("size", cdc.Size);
        writer.WriteBoolean("dataChange", cdc.DataChange);
        ActionWriter.WriteValues(writer, "tags", cdc.Tags);
    }

    private static void Write(Utf8JsonWriter writer, DeletionVectorDescriptor? vector)
    {
        if (vector is null)
        {
            return;
        }

        writer.WriteStartObject("deletionVector");
        writer.WriteString("storageType", vector.StorageType);
        writer.WriteString("pathOrInlineDv", vector.PathOrInlineDv);
        ActionWriter.WriteNumber(writer, "offset", vector.Offset);
        writer.WriteNumber("sizeInBytes", vector.SizeInBytes);
        writer.WriteNumber("cardinality", vector.Cardinality);
        writer.WriteEndObject();
    }
}
