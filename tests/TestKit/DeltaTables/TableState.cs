using System.Text.Json;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>A live file as the log states it.</summary>
public sealed record LiveFile(string Path, string? VectorId, JsonElement Add);

/// <summary>
/// An independent, minimal replay: JSON documents in the order of the commits, files by decoded path and vector. Shares no code with the
/// engine.
/// </summary>
public sealed class TableState
{
    /// <summary>Live files by path and vector id.</summary>
    public Dictionary<(string Path, string? VectorId), LiveFile> Files { get; } = [];

    /// <summary>Applications' versions.</summary>
    public SortedDictionary<string, long> Transactions { get; } = new(StringComparer.Ordinal);

    /// <summary>Domains in force.</summary>
    public SortedDictionary<string, string> Domains { get; } = new(StringComparer.Ordinal);

    /// <summary>The metadata in force.</summary>
    public JsonElement? Metadata { get; private set; }

    /// <summary>The protocol in force.</summary>
    public JsonElement? Protocol { get; private set; }

    /// <summary>The last in-commit timestamp.</summary>
    public long? InCommitTimestamp { get; set; }

    /// <summary>The last version applied, or -1.</summary>
    public long Version { get; set; } = -1;

    /// <summary>The table's schema.</summary>
    public JsonElement Schema => JsonDocument.Parse(Metadata!.Value.GetProperty("schemaString").GetString()!).RootElement;

    /// <summary>A table property, or null.</summary>
    public string? Property(string name)
        => Metadata is { } metadata && metadata.GetProperty("configuration").TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Whether a property is true.</summary>
    public bool Is(string property) => string.Equals(Property(property), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the protocol lists a feature, or has a version that implies it.</summary>
    public bool HasFeature(string feature)
    {
        if (Protocol is not { } protocol)
        {
            return false;
        }

        var writer = protocol.GetProperty("minWriterVersion").GetInt32();
        return writer == 7
            ? protocol.TryGetProperty("writerFeatures", out var features) && features.EnumerateArray().Any(f => f.GetString() == feature)
            : feature switch
            {
                "appendOnly" or "invariants" => writer >= 2,
                "checkConstraints" => writer >= 3,
                "changeDataFeed" or "generatedColumns" => writer >= 4,
                "columnMapping" => writer >= 5,
                "identityColumns" => writer >= 6,
                _ => false,
            };
    }

    /// <summary>What names a logical file.</summary>
    public static (string Path, string? VectorId) KeyOf(JsonElement file)
    {
        string? vector = null;
        if (file.TryGetProperty("deletionVector", out var dv) && dv.ValueKind == JsonValueKind.Object)
        {
            vector = dv.GetProperty("storageType").GetString() + dv.GetProperty("pathOrInlineDv").GetString()
                + (dv.TryGetProperty("offset", out var offset) && offset.ValueKind == JsonValueKind.Number ? "@" + offset.GetInt32()
                    : string.Empty);
        }

        return (Uri.UnescapeDataString(file.GetProperty("path").GetString()!), vector);
    }

    /// <summary>Applies one action.</summary>
    public void Apply(string kind, JsonElement body)
    {
        switch (kind)
        {
            case "add": Files[KeyOf(body)] = new LiveFile(KeyOf(body).Path, KeyOf(body).VectorId, body); break;
            case "remove": Files.Remove(KeyOf(body)); break;
            case "metaData": Metadata = body; break;
            case "protocol": Protocol = body; break;
            case "txn": Transactions[body.GetProperty("appId").GetString()!] = body.GetProperty("version").GetInt64(); break;
            case "domainMetadata" when body.GetProperty("removed").GetBoolean():
                Domains.Remove(
                body.GetProperty("domain").GetString()!); break;
            case "domainMetadata":
                Domains[body.GetProperty("domain").GetString()!] = body.GetProperty("configuration").GetString()!;
                break;
        }
    }
}
