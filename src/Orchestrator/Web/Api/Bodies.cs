using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>Parameters of runs, as bodies have them.</summary>
internal static class ConfBody
{
    /// <summary>The parameters.</summary>
    /// <exception cref="ArgumentException">They are no JSON object.</exception>
    public static JsonElement? Of(JsonElement? conf) => conf is null or { ValueKind: JsonValueKind.Object }
        ? conf
        : throw new ArgumentException($"'conf' is a JSON object with the run's parameters, not a JSON {conf.Value.ValueKind}.");
}

/// <summary>What a trigger may say.</summary>
/// <param name="Conf">The run's parameters, a JSON object; null for none.</param>
/// <param name="LogicalDate">The run's name in time; null for now.</param>
/// <param name="IdempotencyKey">Makes a repeated request give the same run.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TriggerBody(JsonElement? Conf = null, DateTimeOffset? LogicalDate = null, string? IdempotencyKey = null);

/// <summary>Which task instances to clear.</summary>
/// <param name="TaskIds">The tasks; null for all.</param>
/// <param name="MapIndex">Only this mapped instance of them.</param>
/// <param name="IncludesDownstream">Also everything downstream of them; true by default.</param>
/// <param name="OnlyFailed">Only instances that failed, are upstream_failed or were cancelled.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClearBody(IReadOnlyList<string>? TaskIds = null, int? MapIndex = null, bool IncludesDownstream = true, bool OnlyFailed = false)
{
    public ClearRequest ToRequest() => new() { TaskIds = TaskIds, MapIndex = MapIndex, IncludesDownstream = IncludesDownstream, OnlyFailed = OnlyFailed };
}

/// <summary>Which state to give a task.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="State">Success, Failed or Skipped.</param>
/// <param name="MapIndex">Only this mapped instance; null for all.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MarkTaskBody(
    [property: JsonRequired] string TaskId,
    [property: JsonRequired, JsonConverter(typeof(JsonStringEnumConverter<TaskState>))] TaskState State,
    int? MapIndex = null);

/// <summary>How to end a run.</summary>
/// <param name="IsSuccess">Whether it counts as succeeded.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MarkRunBody([property: JsonRequired] bool IsSuccess);

/// <summary>A range of logical dates to run.</summary>
/// <param name="From">The first logical date.</param>
/// <param name="To">The last logical date.</param>
/// <param name="MaxActiveRuns">Runs at once; 1 by default.</param>
/// <param name="IsReverse">The latest date first.</param>
/// <param name="Reprocess">What happens to dates that have a run.</param>
/// <param name="IsDryRun">Only say what would be done.</param>
/// <param name="Conf">Parameters of its runs, a JSON object.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BackfillBody(
    [property: JsonRequired] DateTimeOffset From, [property: JsonRequired] DateTimeOffset To, int MaxActiveRuns = 1, bool IsReverse = false,
    [property: JsonConverter(typeof(JsonStringEnumConverter<ReprocessMode>))] ReprocessMode Reprocess = ReprocessMode.None, bool IsDryRun = false,
    JsonElement? Conf = null)
{
    public BackfillRequest ToRequest() => new()
    {
        From = From,
        To = To,
        MaxActiveRuns = MaxActiveRuns,
        IsReverse = IsReverse,
        Reprocess = Reprocess,
        IsDryRun = IsDryRun,
        Conf = ConfBody.Of(Conf)?.GetRawText(),
    };
}

/// <summary>Where a backfill should be.</summary>
/// <param name="State">Running, Paused or Cancelled.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BackfillStateBody([property: JsonRequired, JsonConverter(typeof(JsonStringEnumConverter<BackfillState>))] BackfillState State);

/// <summary>A pool to make.</summary>
/// <param name="Name">Its name: letters, digits and <c>._-</c>.</param>
/// <param name="Slots">Its slots; 0 or more.</param>
/// <param name="Description">What it is for; at most 1,000 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PoolBody([property: JsonRequired] string Name, [property: JsonRequired] int Slots, string? Description = null);

/// <summary>How large a pool should be.</summary>
/// <param name="Slots">Its slots; 0 or more.</param>
/// <param name="Description">What it is for; at most 1,000 characters. Null leaves it, an empty text takes it away.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PoolSlotsBody([property: JsonRequired] int Slots, string? Description = null);

/// <summary>A run that was started.</summary>
internal sealed record TriggeredView(long Id);

/// <summary>How many task instances an action touched.</summary>
internal sealed record CountView(int Count);

/// <summary>Whether an action found something to do.</summary>
internal sealed record DoneView(bool Done);
