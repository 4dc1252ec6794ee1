using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Reads one action from its JSON line. Unknown actions and unknown fields are skipped, as the protocol asks of readers.</summary>
internal static class ActionReader
{
    /// <returns>The action, or null for one that this engine does not know.</returns>
    /// <exception cref="JsonException">The line is not one JSON object of the expected shape.</exception>
    public static DeltaAction? Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        DeltaAction? action = null;
        JsonFields.Expect(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            action = ReadAction(ref reader) ?? action;
        }

        if (reader.Read())
        {
            throw new JsonException("There is more than one value on the line.");
        }

        return action;
    }

    private static DeltaAction? ReadAction(ref Utf8JsonReader reader)
    {
        var kind = reader.ValueTextEquals("add"u8) ? 'a'
            : reader.ValueTextEquals("remove"u8) ? 'r'
            : reader.ValueTextEquals("cdc"u8) ? 'c'
            : reader.ValueTextEquals("commitInfo"u8) ? 'i'
            : reader.ValueTextEquals("metaData"u8) ? 'm'
            : reader.ValueTextEquals("protocol"u8) ? 'p'
            : reader.ValueTextEquals("txn"u8) ? 't'
            : reader.ValueTextEquals("domainMetadata"u8) ? 'd'
            : reader.ValueTextEquals("checkpointMetadata"u8) ? 'k'
            : reader.ValueTextEquals("sidecar"u8) ? 's' : '?';
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null || kind == '?')
        {
            reader.Skip();
            return null;
        }

        return kind switch
        {
            'a' or 'r' or 'c' => FileActionReader.Read(ref reader, kind),
            'i' => CommitInfoReader.Read(ref reader),
            'm' => ReadMetadata(ref reader),
            'p' => ReadProtocol(ref reader),
            't' => ReadTransaction(ref reader),
            'd' => ReadDomain(ref reader),
            'k' => ReadCheckpointMetadata(ref reader),
            _ => ReadSidecar(ref reader),
        };
    }

    private static Metadata ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Metadata { Id = string.Empty };
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            var name = JsonFields.TakeName(ref reader);
            metadata = name switch
            {
                "id" => metadata with { Id = JsonFields.Text(ref reader) ?? string.Empty },
                "name" => metadata with { Name = JsonFields.Text(ref reader) },
                "description" => metadata with { Description = JsonFields.Text(ref reader) },
                "format" => ReadFormat(ref reader, metadata),
                "schemaString" => metadata with { SchemaString = JsonFields.Text(ref reader) },
                "partitionColumns" => metadata with { PartitionColumns = JsonFields.Texts(ref reader) ?? [] },
                "configuration" => metadata with { Configuration = JsonFields.Properties(ref reader) },
                "createdTime" => metadata with { CreatedTime = JsonFields.Number(ref reader) },
                _ => JsonFields.Skip(ref reader, metadata),
            };
        }

        return metadata;
    }

    private static Metadata ReadFormat(ref Utf8JsonReader reader, Metadata metadata)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return metadata;
        }

        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            metadata = JsonFields.TakeName(ref reader) switch
            {
                "provider" => metadata with { FormatProvider = JsonFields.Text(ref reader) ?? "parquet" },
                "options" => metadata with { FormatOptions = JsonFields.Properties(ref reader) },
                _ => JsonFields.Skip(ref reader, metadata),
            };
        }

        return metadata;
    }

    private static Protocol ReadProtocol(ref Utf8JsonReader reader)
    {
        int? minReader = null, minWriter = null;
        IReadOnlyList<string>? readerFeatures = null, writerFeatures = null;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            switch (JsonFields.TakeName(ref reader))
            {
                case "minReaderVersion": minReader = (int?)JsonFields.Number(ref reader); break;
                case "minWriterVersion": minWriter = (int?)JsonFields.Number(ref reader); break;
                case "readerFeatures": readerFeatures = JsonFields.Texts(ref reader); break;
                case "writerFeatures": writerFeatures = JsonFields.Texts(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new Protocol
        {
            MinReaderVersion = minReader ?? throw new JsonException("The protocol has no minReaderVersion."),
            MinWriterVersion = minWriter ?? throw new JsonException("The protocol has no minWriterVersion."),
            ReaderFeatures = readerFeatures,
            WriterFeatures = writerFeatures,
        };
    }

    private static TransactionMarker ReadTransaction(ref Utf8JsonReader reader)
    {
        string? appId = null;
        long? version = null, lastUpdated = null;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            switch (JsonFields.TakeName(ref reader))
            {
                case "appId": appId = JsonFields.Text(ref reader); break;
                case "version": version = JsonFields.Number(ref reader); break;
                case "lastUpdated": lastUpdated = JsonFields.Number(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new TransactionMarker(JsonFields.Need(appId, "txn.appId"), JsonFields.Need(version, "txn.version"), lastUpdated);
    }

    private static DomainMetadata ReadDomain(ref Utf8JsonReader reader)
    {
        string? domain = null, configuration = null;
        var removed = false;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            switch (JsonFields.TakeName(ref reader))
            {
                case "domain": domain = JsonFields.Text(ref reader); break;
                case "configuration": configuration = JsonFields.Text(ref reader); break;
                case "removed": removed = JsonFields.Flag(ref reader) ?? false; break;
                default: reader.Skip(); break;
            }
        }

        return new DomainMetadata(JsonFields.Need(domain, "domainMetadata.domain"), configuration ?? string.Empty, removed);
    }

    private static CheckpointMetadata ReadCheckpointMetadata(ref Utf8JsonReader reader)
    {
        long? version = null;
        IReadOnlyDictionary<string, string?>? tags = null;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            switch (JsonFields.TakeName(ref reader))
            {
                case "version": version = JsonFields.Number(ref reader); break;
                case "tags": tags = JsonFields.Values(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new CheckpointMetadata(JsonFields.Need(version, "checkpointMetadata.version")) { Tags = tags };
    }

    private static Sidecar ReadSidecar(ref Utf8JsonReader reader)
    {
        string? path = null;
        long? size = null, modified = null;
        IReadOnlyDictionary<string, string?>? tags = null;
        JsonFields.ExpectCurrent(ref reader, JsonTokenType.StartObject);
        while (JsonFields.NextProperty(ref reader))
        {
            switch (JsonFields.TakeName(ref reader))
            {
                case "path": path = JsonFields.Text(ref reader); break;
                case "sizeInBytes": size = JsonFields.Number(ref reader); break;
                case "modificationTime": modified = JsonFields.Number(ref reader); break;
                case "tags": tags = JsonFields.Values(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new Sidecar(JsonFields.Need(path, "sidecar.path"), size ?? 0, modified ?? 0) { Tags = tags };
    }
}
