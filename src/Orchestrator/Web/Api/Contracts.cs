using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web.Api;

/// <summary>A DAG in a list.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Tags">Words to find it by.</param>
/// <param name="Hash">The newest version.</param>
/// <param name="IsPaused">Whether it starts nothing.</param>
/// <param name="IsRegistered">Whether this process has its code.</param>
/// <param name="Schedule">When it runs, in words.</param>
/// <param name="NextFire">The next instant its timetable fires; null where it does not.</param>
/// <param name="LastFire">The logical date of the last fire that became a run.</param>
/// <param name="Recent">Its newest runs, newest first.</param>
/// <param name="ScheduleFault">Why its timetable gives no fires although it is not paused; null when it does.</param>
/// <param name="ScheduleFaultSince">Since when; null when it does.</param>
internal sealed record DagView(
    string Id, string Description, IReadOnlyList<string> Tags, string Hash, bool IsPaused, bool IsRegistered, string Schedule,
    DateTimeOffset? NextFire, DateTimeOffset? LastFire, IReadOnlyList<RunView> Recent, string? ScheduleFault, DateTimeOffset? ScheduleFaultSince);

/// <summary>A parameter of a DAG's runs.</summary>
internal sealed record ParamView(
    string Name, [property: JsonConverter(typeof(JsonStringEnumConverter<ParamType>))] ParamType Type, JsonElement? Default, string Description);

/// <summary>A DAG with its structure.</summary>
internal sealed record DagDetailView(DagView Dag, IReadOnlyList<ParamView> Params, JsonElement Model);

/// <summary>A fire to come.</summary>
internal sealed record FireView(
    DateTimeOffset RunAfter, DateTimeOffset LogicalDate, DateTimeOffset IntervalStart, DateTimeOffset IntervalEnd, DateTimeOffset Local, string? Note);

/// <summary>A dataset version that a run consumes.</summary>
internal sealed record ChangeView(string Dataset, long AfterVersion, long Version);

/// <summary>A run.</summary>
internal sealed record RunView(
    long Id, string DagId, string DagHash, [property: JsonConverter(typeof(JsonStringEnumConverter<DagRunKind>))] DagRunKind Kind,
    [property: JsonConverter(typeof(JsonStringEnumConverter<DagRunState>))] DagRunState State, DateTimeOffset LogicalDate,
    DateTimeOffset IntervalStart, DateTimeOffset IntervalEnd, DateTimeOffset RunAfter, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt, IReadOnlyList<ChangeView> Changes, JsonElement? Conf, string? IdempotencyKey, string? Note)
{
    public static RunView Of(DagRun run) => new(
        run.Id, run.DagId, run.DagHash, run.Kind, run.State, run.LogicalDate, run.Interval.Start, run.Interval.End, run.RunAfter, run.CreatedAt,
        run.StartedAt, run.EndedAt, [.. run.Changes.Select(change => new ChangeView(change.Dataset.Name, change.AfterVersion, change.Version))],
        JsonText.Element(run.Conf), run.IdempotencyKey, run.Note);
}

/// <summary>A try of a task instance.</summary>
internal sealed record TaskView(
    string TaskId, int TaskNumber, int MapIndex, [property: JsonConverter(typeof(JsonStringEnumConverter<TaskState>))] TaskState State, int Try,
    long Epoch, int Failures, int InfrastructureFailures, string Pool, string? Executor, DateTimeOffset? ReadyAt, DateTimeOffset? QueuedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? WakeAt, string? Note)
{
    public static TaskView Of(TaskInstance task) => new(
        task.TaskId, task.Key.TaskNumber, task.Key.MapIndex, task.State, task.Try, task.Epoch, task.Failures, task.InfrastructureFailures,
        task.Pool, task.Executor, task.ReadyAt, task.QueuedAt, task.StartedAt, task.EndedAt, task.WakeAt, task.Note);
}

/// <summary>Why a task instance is not running.</summary>
internal sealed record WhyView(
    string TaskId, int MapIndex, [property: JsonConverter(typeof(JsonStringEnumConverter<TaskState>))] TaskState State,
    [property: JsonConverter(typeof(JsonStringEnumConverter<WaitCause>))] WaitCause Cause, string Text)
{
    public static WhyView Of(TaskExplanation why) => new(why.TaskId, why.MapIndex, why.State, why.Cause, why.Text);
}

/// <summary>A value that a task pushed.</summary>
internal sealed record XComView(string TaskId, int MapIndex, string Name, JsonElement? Value);

/// <summary>Runs of one day.</summary>
internal sealed record DayView(
    DateOnly Day, [property: JsonConverter(typeof(JsonStringEnumConverter<DagRunState>))] DagRunState State, int Count);

/// <summary>A version of a DAG.</summary>
internal sealed record VersionView(string Hash, DateTimeOffset RegisteredAt);

/// <summary>A backfill and how far it is.</summary>
internal sealed record BackfillView(
    long Id, string DagId, [property: JsonConverter(typeof(JsonStringEnumConverter<BackfillState>))] BackfillState State, DateTimeOffset From,
    DateTimeOffset To, int MaxActiveRuns, bool IsReverse, [property: JsonConverter(typeof(JsonStringEnumConverter<ReprocessMode>))] ReprocessMode Reprocess,
    DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, ProgressView Progress)
{
    public static BackfillView Of(Backfill backfill, BackfillProgress progress) => new(
        backfill.Id, backfill.DagId, backfill.State, backfill.Request.From, backfill.Request.To, backfill.Request.MaxActiveRuns,
        backfill.Request.IsReverse, backfill.Request.Reprocess, backfill.CreatedAt, backfill.EndedAt,
        new ProgressView(progress.Pending, progress.Running, progress.Succeeded, progress.Failed, progress.Skipped));
}

/// <summary>Dates of a backfill by where they are.</summary>
internal sealed record ProgressView(int Pending, int Running, int Succeeded, int Failed, int Skipped);

/// <summary>One date of a backfill.</summary>
internal sealed record BackfillDateView(
    int Ordinal, DateTimeOffset LogicalDate, [property: JsonConverter(typeof(JsonStringEnumConverter<BackfillRunState>))] BackfillRunState State,
    long? RunId, string? Note)
{
    public static BackfillDateView Of(BackfillRun run) => new(run.Ordinal, run.Fire.LogicalDate, run.State, run.RunId, run.Note);
}

/// <summary>A backfill as it was made, or as it would be.</summary>
internal sealed record BackfillMadeView(long? Id, IReadOnlyList<BackfillDateView> Dates, int DatesInAll);

/// <summary>A pool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">Slots in all.</param>
/// <param name="Used">Slots that tasks hold.</param>
/// <param name="Free">Slots that are free; less than none after it was made smaller.</param>
/// <param name="Waiting">Ready tasks that want slots of it.</param>
/// <param name="IsConfigured">Whether it is one of the engine's configuration, and so cannot be deleted.</param>
/// <param name="Description">What it is for; null where nobody said so.</param>
internal sealed record PoolView(string Name, int Slots, int Used, int Free, int Waiting, bool IsConfigured, string? Description)
{
    public static PoolView Of(PoolStatus pool) =>
        new(pool.Name, pool.Slots, pool.Used, pool.Free, pool.Waiting, pool.IsConfigured, pool.Description);
}

/// <summary>A dataset and the DAGs that it starts.</summary>
internal sealed record DatasetView(
    string Dataset, IReadOnlyList<ConsumerView> Consumers, IReadOnlyList<TaskUseView> Producers, IReadOnlyList<TaskUseView> Readers,
    DateTimeOffset? UpdatedAt);

/// <summary>A task that declares to write or read a dataset.</summary>
internal sealed record TaskUseView(string DagId, string TaskId);

/// <summary>How far a DAG has consumed a dataset; -1 for nothing yet.</summary>
internal sealed record ConsumerView(string DagId, long SeenVersion, long ConsumedVersion);

/// <summary>An action done by hand.</summary>
internal sealed record AuditView(
    long Id, DateTimeOffset At, string Actor, string From, string Action, string? DagId, long? RunId, JsonElement? Detail,
    [property: JsonConverter(typeof(JsonStringEnumConverter<AuditOutcome>))] AuditOutcome Outcome, string? Result)
{
    public static AuditView Of(AuditEntry entry) => new(
        entry.Id, entry.At, entry.Actor, entry.From, entry.Action, entry.DagId, entry.RunId, JsonText.Element(entry.Detail), entry.Outcome, entry.Result);
}
