using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Writes actions as JSON lines, fields in the order of the protocol's examples.</summary>
internal static class ActionWriter
{
    /// <summary>Characters outside ASCII stay as they are: the log is UTF-8 and read by people too.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One commit file: an action a line, each line ended.</summary>
    public static ReadOnlyMemory<byte> Encode(IEnumerable<DeltaAction> actions)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            foreach (var action in actions)
            {
                Write(writer, action);
                writer.Flush();
                writer.Reset();
                buffer.WriteByte((byte)'\n');
            }
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, DeltaAction action)
    {
        writer.WriteStartObject();
        WriteBody(writer, NameOf(action), action);
        writer.WriteEndObject();
    }

    /// <summary>Actions without their kind, in a list under a name.</summary>
    internal static void WriteBodies(Utf8JsonWriter writer, string name, IEnumerable<DeltaAction> actions)
    {
        writer.WriteStartArray(name);
        foreach (var action in actions)
        {
            writer.WriteStartObject();
            WriteFields(writer, action);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>An action under a name.</summary>
    internal static void WriteBody(Utf8JsonWriter writer, string name, DeltaAction action)
    {
        writer.WriteStartObject(name);
        WriteFields(writer, action);
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, DeltaAction action)
    {
        switch (action)
        {
            case AddFile add: FileActionWriter.Write(writer, add); break;
            case RemoveFile remove: FileActionWriter.Write(writer, remove); break;
            case AddCdcFile cdc: FileActionWriter.Write(writer, cdc); break;
            case Metadata metadata: Write(writer, metadata); break;
            case Protocol protocol: Write(writer, protocol); break;
            case TransactionMarker marker: Write(writer, marker); break;
            case CommitInfo info: Write(writer, info); break;
            case DomainMetadata domain: Write(writer, domain); break;
            case CheckpointMetadata checkpoint:
                writer.WriteNumber("version", checkpoint.Version);
                WriteValues(writer, "tags", checkpoint.Tags);
                break;
            case Sidecar sidecar: Write(writer, sidecar); break;
            default: throw new System.Diagnostics.UnreachableException(action.GetType().Name);
        }
    }

    private static string NameOf(DeltaAction action) => action switch
    {
        AddFile => "add",
        RemoveFile => "remove",
        AddCdcFile => "cdc",
        Metadata => "metaData",
        Protocol => "protocol",
        TransactionMarker => "txn",
        CommitInfo => "commitInfo",
        DomainMetadata => "domainMetadata",
        CheckpointMetadata => "checkpointMetadata",
        Sidecar => "sidecar",
        _ => throw new System.Diagnostics.UnreachableException(action.GetType().Name),
    };

    private static void Write(Utf8JsonWriter writer, Metadata metadata)
    {
        writer.WriteString("id", metadata.Id);
        WriteText(writer, "name", metadata.Name);
        WriteText(writer, "description", metadata.Description);
        writer.WriteStartObject("format");
        writer.WriteString("provider", metadata.FormatProvider);
        WriteProperties(writer, "options", metadata.FormatOptions);
        writer.WriteEndObject();
        WriteText(writer, "schemaString", metadata.SchemaString);
        WriteTexts(writer, "partitionColumns", metadata.PartitionColumns);
        WriteProperties(writer, "configuration", metadata.Configuration);
        WriteNumber(writer, "createdTime", metadata.CreatedTime);
    }

    private static void Write(Utf8JsonWriter writer, Protocol protocol)
    {
        writer.WriteNumber("minReaderVersion", protocol.MinReaderVersion);
        writer.WriteNumber("minWriterVersion", protocol.MinWriterVersion);
        if (protocol.ReaderFeatures is { } reader)
        {
            WriteTexts(writer, "readerFeatures", reader);
        }

        if (protocol.WriterFeatures is { } features)
        {
            WriteTexts(writer, "writerFeatures", features);
        }
    }

    private static void Write(Utf8JsonWriter writer, TransactionMarker marker)
    {
        writer.WriteString("appId", marker.AppId);
        writer.WriteNumber("version", marker.Version);
        WriteNumber(writer, "lastUpdated", marker.LastUpdated);
    }

    private static void Write(Utf8JsonWriter writer, DomainMetadata domain)
    {
        writer.WriteString("domain", domain.Domain);
        writer.WriteString("configuration", domain.Configuration);
        writer.WriteBoolean("removed", domain.Removed);
    }

    private static void Write(Utf8JsonWriter writer, Sidecar sidecar)
    {
        writer.WriteString("path", sidecar.Path);
        writer.WriteNumber("sizeInBytes", sidecar.SizeInBytes);
        writer.WriteNumber("modificationTime", sidecar.ModificationTime);
        WriteValues(writer, "tags", sidecar.Tags);
    }

    private static void Write(Utf8JsonWriter writer, CommitInfo info)
    {
        // First, so that readers of in-commit timestamps find it without reading on.
        WriteNumber(writer, "inCommitTimestamp", info.InCommitTimestamp);
        WriteNumber(writer, "timestamp", info.Timestamp);
        WriteText(writer, "operation", info.Operation);
        if (info.OperationParameters is { } parameters)
        {
            writer.WritePropertyName("operationParameters");
            parameters.WriteTo(writer);
        }

        WriteNumber(writer, "readVersion", info.ReadVersion);
        WriteText(writer, "isolationLevel", info.IsolationLevel);
        if (info.IsBlindAppend is { } blind)
        {
            writer.WriteBoolean("isBlindAppend", blind);
        }

        if (info.OperationMetrics is { } metrics)
        {
            WriteProperties(writer, "operationMetrics", metrics);
        }

        WriteText(writer, "userMetadata", info.UserMetadata);
        WriteValues(writer, "tags", info.Tags);
        WriteText(writer, "engineInfo", info.EngineInfo);
        WriteText(writer, "txnId", info.TxnId);
    }

    internal static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    internal static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    internal static void WriteValues(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string?>? values)
    {
        if (values is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string> properties)
    {
        writer.WriteStartObject(name);
        foreach (var (key, value) in properties)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
