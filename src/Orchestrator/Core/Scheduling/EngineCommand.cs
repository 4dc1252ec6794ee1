using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>What an engine is asked to do. A record, so that it can be sent to the process that owns the DAG.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(TriggerCommand), "trigger")]
[JsonDerivedType(typeof(PauseCommand), "pause")]
[JsonDerivedType(typeof(EndRunCommand), "end")]
[JsonDerivedType(typeof(ClearCommand), "clear")]
[JsonDerivedType(typeof(MarkCommand), "mark")]
[JsonDerivedType(typeof(BackfillCommand), "backfill")]
[JsonDerivedType(typeof(SetBackfillCommand), "set-backfill")]
[JsonDerivedType(typeof(ExplainCommand), "explain")]
[JsonDerivedType(typeof(VersionCommand), "version")]
internal abstract record EngineCommand(string DagId)
{
    /// <summary>Makes a repeated request the same request; null for none.</summary>
    [JsonIgnore]
    public virtual string? RequestKey => null;

    public QueuedCommand ToQueued() => new()
    {
        DagId = DagId,
        Body = JsonSerializer.Serialize(this, JsonSerializerOptions.Web),
        IdempotencyKey = RequestKey,
    };

    /// <exception cref="OrchestratorException">A newer program wrote it, or it is damaged.</exception>
    public static EngineCommand Read(QueuedCommand queued)
    {
        try
        {
            return JsonSerializer.Deserialize<EngineCommand>(queued.Body, JsonSerializerOptions.Web)! with { DagId = queued.DagId };
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new OrchestratorException(
                ErrorKind.Invalid, $"command {queued.Id} cannot be read by this program: {exception.Message}", exception);
        }
    }
}

internal sealed record TriggerCommand(
    string DagId, string? Conf, DateTimeOffset? LogicalDate, string? Key, DagRunKind Kind = DagRunKind.Manual) : EngineCommand(DagId)
{
    public override string? RequestKey => Key is null ? null : "trigger/" + Key;
}

internal sealed record PauseCommand(string DagId, bool IsPaused) : EngineCommand(DagId);

internal sealed record EndRunCommand(string DagId, long RunId, DagRunState State, string Note) : EngineCommand(DagId);

internal sealed record ClearCommand(string DagId, long RunId, ClearRequest Request) : EngineCommand(DagId);

internal sealed record MarkCommand(string DagId, long RunId, string TaskId, int? MapIndex, TaskState State) : EngineCommand(DagId);

internal sealed record BackfillCommand(string DagId, BackfillRequest Request) : EngineCommand(DagId);

internal sealed record SetBackfillCommand(string DagId, long BackfillId, BackfillState State) : EngineCommand(DagId);

internal sealed record ExplainCommand(string DagId, long RunId) : EngineCommand(DagId)
{
    public string? TaskId { get; init; }

    public int? MapIndex { get; init; }
}

internal sealed record VersionCommand(string DagId, string Dataset, long Version) : EngineCommand(DagId)
{
    public override string RequestKey => $"version/{Dataset}/{Version}";
}

internal sealed record BackfillAnswer(Backfill? Backfill, IReadOnlyList<BackfillRun> Runs);
