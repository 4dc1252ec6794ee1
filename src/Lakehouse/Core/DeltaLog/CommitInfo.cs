using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Where a commit came from, for people and for history. Its content is free; these are the usual fields.</summary>
public sealed record CommitInfo : DeltaAction
{
    /// <summary>The writer's clock, milliseconds since 1970 UTC.</summary>
    public long? Timestamp { get; init; }

    /// <summary>The commit's own time on tables with in-commit timestamps; grows by commit.</summary>
    public long? InCommitTimestamp { get; init; }

    /// <summary>What was done, for example <c>WRITE</c>.</summary>
    public string? Operation { get; init; }

    /// <summary>Its parameters; usually text, but any JSON is legal.</summary>
    public JsonElement? OperationParameters { get; init; }

    /// <summary>Its measures, as text, for example <c>numFiles</c>.</summary>
    public IReadOnlyDictionary<string, string>? OperationMetrics { get; init; }

    /// <summary>The version the writer had read.</summary>
    public long? ReadVersion { get; init; }

    /// <summary>The isolation level it committed under.</summary>
    public string? IsolationLevel { get; init; }

    /// <summary>Whether it only added rows without reading the table.</summary>
    public bool? IsBlindAppend { get; init; }

    /// <summary>Marks of table features, for example that rows kept their ids.</summary>
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }

    /// <summary>The engine that wrote it.</summary>
    public string? EngineInfo { get; init; }

    /// <summary>An id of this attempt, for finding out whether a write whose answer was lost went through.</summary>
    public string? TxnId { get; init; }

    /// <summary>Free text of the user.</summary>
    public string? UserMetadata { get; init; }
}
