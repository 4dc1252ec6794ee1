namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The table's schema, partitioning and properties.</summary>
public sealed record Metadata : DeltaAction
{
    /// <summary>The table's id, a UUID; stays for the table's life.</summary>
    public required string Id { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>A description for people.</summary>
    public string? Description { get; init; }

    /// <summary>The format of the data files; always <c>parquet</c>.</summary>
    public string FormatProvider { get; init; } = "parquet";

    /// <summary>Format options; empty.</summary>
    public IReadOnlyDictionary<string, string> FormatOptions { get; init; } = NoProperties;

    /// <summary>The schema as JSON, see <see cref="Schemas.StructType.FromJson"/>. Null on some first versions, where a later one sets it.</summary>
    public string? SchemaString { get; init; }

    /// <summary>The partition columns, by logical name, outermost first.</summary>
    public IReadOnlyList<string> PartitionColumns { get; init; } = [];

    /// <summary>Table properties such as <c>delta.appendOnly</c>.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = NoProperties;

    /// <summary>When the table was made, milliseconds since 1970 UTC.</summary>
    public long? CreatedTime { get; init; }

    private static IReadOnlyDictionary<string, string> NoProperties { get; } = new Dictionary<string, string>();
}

/// <summary>What a reader and a writer must understand.</summary>
public sealed record Protocol : DeltaAction
{
    /// <summary>The least reader version, 1 to 3.</summary>
    public required int MinReaderVersion { get; init; }

    /// <summary>The least writer version, 1 to 7.</summary>
    public required int MinWriterVersion { get; init; }

    /// <summary>Table features a reader must know; set exactly when the reader version is 3.</summary>
    public IReadOnlyList<string>? ReaderFeatures { get; init; }

    /// <summary>Table features a writer must know; set exactly when the writer version is 7.</summary>
    public IReadOnlyList<string>? WriterFeatures { get; init; }
}

/// <summary>An application's own version, so that it can tell whether a write of it is in the table (idempotent writes).</summary>
/// <param name="AppId">The application.</param>
/// <param name="Version">Its version, growing.</param>
/// <param name="LastUpdated">When it was set, milliseconds since 1970 UTC.</param>
public sealed record TransactionMarker(string AppId, long Version, long? LastUpdated = null) : DeltaAction;

/// <summary>Named configuration of a feature or a user, for example <c>delta.rowTracking</c>.</summary>
/// <param name="Domain">Its name; <c>delta.</c> is reserved.</param>
/// <param name="Configuration">Its content, opaque.</param>
/// <param name="Removed">Whether the domain is taken away.</param>
public sealed record DomainMetadata(string Domain, string Configuration, bool Removed = false) : DeltaAction;

/// <summary>Marks a V2 checkpoint and its version.</summary>
/// <param name="Version">The table version of the checkpoint.</param>
public sealed record CheckpointMetadata(long Version) : DeltaAction
{
    /// <summary>Tags of other writers.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}

/// <summary>A file beside a V2 checkpoint that holds file actions.</summary>
/// <param name="Path">Its name in <c>_delta_log/_sidecars</c>.</param>
/// <param name="SizeInBytes">Its length.</param>
/// <param name="ModificationTime">When it was written, milliseconds since 1970 UTC.</param>
public sealed record Sidecar(string Path, long SizeInBytes, long ModificationTime) : DeltaAction
{
    /// <summary>Tags of other writers.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }
}
