using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>What a trigger may say.</summary>
/// <param name="Conf">The run's parameters, a JSON object; null for none.</param>
/// <param name="LogicalDate">The run's name in time; null for now.</param>
/// <param name="IdempotencyKey">Makes a repeated request give the same run.</param>
internal sealed record TriggerBody(JsonElement? Conf = null, DateTimeOffset? LogicalDate = null, string? IdempotencyKey = null);

/// <summary>Which task instances to clear.</summary>
/// <param name="TaskIds">The tasks; null for all.</param>
/// <param name="MapIndex">Only this mapped instance of them.</param>
/// <param name="IncludesDownstream">Also everything downstream of them; true by default.</param>
/// <param name="OnlyFailed">Only instances that failed, are upstream_failed or were cancelled.</param>
internal sealed record ClearBody(IReadOnlyList<string>? TaskIds = null, int? MapIndex = null, bool IncludesDownstream = true, bool OnlyFailed = false)
{
    public ClearRequest ToRequest() => new() { TaskIds = TaskIds, MapIndex = MapIndex, IncludesDownstream = IncludesDownstream, OnlyFailed = OnlyFailed };
}

/// <summary>Which state to give a task.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="State">Success, Failed or Skipped.</param>
/// <param name="MapIndex">Only this mapped instance; null for all.</param>
internal sealed record MarkTaskBody(
    string TaskId, [property: JsonConverter(typeof(JsonStringEnumConverter<TaskState>))] TaskState State, int? MapIndex = null);

/// <summary>How to end a run.</summary>
/// <param name="IsSuccess">Whether it counts as succeeded.</param>
internal sealed record MarkRunBody(bool IsSuccess);

/// <summary>A range of logical dates to run.</summary>
/// <param name="From">The first logical date.</param>
/// <param name="To">The last logical date.</param>
/// <param name="MaxActiveRuns">Runs at once; 1 by default.</param>
/// <param name="IsReverse">The latest date first.</param>
/// <param name="Reprocess">What happens to dates that have a run.</param>
/// <param name="IsDryRun">Only say what would be done.</param>
/// <param name="Conf">Parameters of its runs, a JSON object.</param>
internal sealed record BackfillBody(
    DateTimeOffset From, DateTimeOffset To, int MaxActiveRuns = 1, bool IsReverse = false,
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
        Conf = Conf?.GetRawText(),
    };
}

/// <summary>Where a backfill should be.</summary>
/// <param name="State">Running, Paused or Cancelled.</param>
internal sealed record BackfillStateBody([property: JsonConverter(typeof(JsonStringEnumConverter<BackfillState>))] BackfillState State);

/// <summary>A pool to make.</summary>
/// <param name="Name">Its name: letters, digits and <c>._-</c>.</param>
/// <param name="Slots">Its slots; 0 or more.</param>
/// <param name="Description">What it is for; at most 1,000 characters.</param>
internal sealed record PoolBody(string Name, int Slots, string? Description = null);

/// <summary>How large a pool should be.</summary>
/// <param name="Slots">Its slots; 0 or more.</param>
/// <param name="Description">What it is for; at most 1,000 characters. Null leaves it, an empty text takes it away.</param>
internal sealed record PoolSlotsBody(int Slots, string? Description = null);

/// <summary>A run that was started.</summary>
internal sealed record TriggeredView(long Id);

/// <summary>How many task instances an action touched.</summary>
internal sealed record CountView(int Count);

/// <summary>Whether an action found something to do.</summary>
internal sealed record DoneView(bool Done);
