using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Traces and instruments of the engine, under OpenTelemetry names: a span per run, one per try below it, and what operators watch.</summary>
internal static class OrchestratorTelemetry
{
    /// <summary>The name of source and meter.</summary>
    public const string Name = "DataPlatform.Orchestrator";

    private const string DagTag = "orchestrator.dag.id";
    private const string PoolTag = "orchestrator.pool.name";
    private const string StateTag = "orchestrator.state";

    private static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>(
        "orchestrator.scheduler.step.duration", "s", "One step of a scheduler's loop, its write to the store included");

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>(
        "orchestrator.store.commit.duration", "s", "One write of a step to the store");

    private static readonly Histogram<double> TaskDuration = Meter.CreateHistogram<double>("orchestrator.task.duration", "s", "One try of a task");

    private static readonly Histogram<double> TaskWait = Meter.CreateHistogram<double>(
        "orchestrator.task.wait.duration", "s", "From when a task may start until its body begins");

    private static readonly Counter<long> TaskRetries = Meter.CreateCounter<long>("orchestrator.task.retries", "{retry}", "Tries that failed and are followed by another");

    private static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("orchestrator.run.duration", "s", "One run");

    private static readonly Histogram<double> ScheduleDelay = Meter.CreateHistogram<double>(
        "orchestrator.run.schedule_delay", "s", "From the earliest start of a run that its timetable made until it starts");

    private static readonly Lock Gate = new();
    private static readonly List<TaskPool[]> Live = [];

    static OrchestratorTelemetry()
    {
        Meter.CreateObservableUpDownCounter("orchestrator.pool.queue.length", () => Read(pool => pool.Waiting), "{task}", "Ready tasks that wait for slots");
        Meter.CreateObservableUpDownCounter("orchestrator.pool.slots.used", () => Read(pool => pool.Used), "{slot}", "Slots that tasks hold");
        Meter.CreateObservableUpDownCounter("orchestrator.pool.slots.limit", () => Read(pool => pool.Slots), "{slot}", "Slots in all");
    }

    /// <summary>The pools of an engine that runs; until the result is disposed.</summary>
    public static IDisposable Watch(TaskPool[] pools)
    {
        lock (Gate)
        {
            Live.Add(pools);
        }

        return new Watched(pools);
    }

    public static void Step(TimeSpan took) => StepDuration.Record(took.TotalSeconds);

    public static void Commit(TimeSpan took) => CommitDuration.Record(took.TotalSeconds);

    /// <summary>What one step of a task says.</summary>
    public static void Changed(LiveRun run, LiveTask task, TaskState from, DateTimeOffset now)
    {
        var dag = KeyValuePair.Create<string, object?>(DagTag, run.Record.DagId);
        if (task.State == TaskState.Running && task is { ReadyAt: { } ready, StartedAt: { } began })
        {
            TaskWait.Record((began - ready).TotalSeconds, dag, new(PoolTag, task.Definition.Pool));
        }

        if (from is TaskState.Running or TaskState.Deferred && task.State != TaskState.Deferred && task.StartedAt is { } started)
        {
            TaskDuration.Record((now - started).TotalSeconds, dag, new(StateTag, task.State.ToString()));
        }

        if (task.State == TaskState.RetryWait)
        {
            TaskRetries.Add(1, dag);
        }
    }

    /// <summary>A run begins: its delay, and its span where somebody listens.</summary>
    public static Activity? StartRun(DagRun run, bool isFirstStart)
    {
        if (isFirstStart && run is { Kind: DagRunKind.Scheduled, StartedAt: { } started })
        {
            ScheduleDelay.Record((started - run.RunAfter).TotalSeconds, new KeyValuePair<string, object?>(DagTag, run.DagId));
        }

        if (!Activities.HasListeners())
        {
            return null;
        }

        // The span outlives this call: it must not become the current one of the loop, below which unrelated work would be counted.
        var current = Activity.Current;
        Activity.Current = null;
        var span = Activities.StartActivity(
            "orchestrator.run", ActivityKind.Internal, default(ActivityContext),
            [new(DagTag, run.DagId), new("orchestrator.dag.version", run.DagHash), new("orchestrator.run.id", run.Id), new("orchestrator.run.kind", run.Kind.ToString()),
                new("orchestrator.run.logical_date", run.LogicalDate.ToString("O"))],
            [.. run.Changes.Select(LinkTo)],
            run.StartedAt ?? default);
        Activity.Current = current;
        return span;
    }

    /// <summary>A run ended.</summary>
    public static void EndRun(DagRun run, Activity? span)
    {
        if (run is { StartedAt: { } started, EndedAt: { } ended })
        {
            RunDuration.Record((ended - started).TotalSeconds, new(DagTag, run.DagId), new(StateTag, run.State.ToString()));
        }

        if (span is null)
        {
            return;
        }

        span.SetTag(StateTag, run.State.ToString());
        span.SetStatus(run.State == DagRunState.Success ? ActivityStatusCode.Ok : ActivityStatusCode.Error, run.Note);
        span.SetEndTime((run.EndedAt ?? run.CreatedAt).UtcDateTime);

        // Stopping a span makes its parent current; there must be none.
        var current = Activity.Current;
        span.Dispose();
        Activity.Current = current;
    }

    /// <summary>A try begins; the span is the current one for what the executor and the body do.</summary>
    public static Activity? StartTry(TaskInvocation invocation, Activity? run) => run is null
        ? null
        : Activities.StartActivity(
            "orchestrator.task", ActivityKind.Internal, run.Context,
            [new(DagTag, invocation.Run.DagId), new("orchestrator.run.id", invocation.Run.Id), new("orchestrator.task.id", invocation.Task.Id),
                new("orchestrator.task.map_index", invocation.Context.MapIndex), new("orchestrator.task.try", invocation.Context.Try),
                new("orchestrator.task.epoch", invocation.Context.Epoch), new(PoolTag, invocation.Task.Pool)]);

    /// <summary>A try ended.</summary>
    public static void EndTry(Activity? span, TaskOutcome outcome)
    {
        span?.SetTag("orchestrator.task.outcome", outcome.Kind.ToString());
        span?.SetStatus(
            outcome.Kind is TaskOutcomeKind.Failed or TaskOutcomeKind.Infrastructure ? ActivityStatusCode.Error : ActivityStatusCode.Ok, outcome.Note);
    }

    /// <summary>
    /// Where the spans of a dataset version meet, though a version carries no context: whoever wrote it may link here too. The trace id is the
    /// first 16 bytes of SHA-256 of <c>name@version</c>, the span id the next 8.
    /// </summary>
    public static ActivityContext ContextOf(DatasetVersion version)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Dataset.Name}@{version.Version}"), hash);
        return new ActivityContext(ActivityTraceId.CreateFromBytes(hash[..16]), ActivitySpanId.CreateFromBytes(hash[16..24]), ActivityTraceFlags.None, isRemote: true);
    }

    private static ActivityLink LinkTo(DatasetChange change) => new(
        ContextOf(change.Latest),
        new ActivityTagsCollection { ["orchestrator.dataset.name"] = change.Dataset.Name, ["orchestrator.dataset.version"] = change.Version });

    private static IEnumerable<Measurement<long>> Read(Func<TaskPool, int> value)
    {
        TaskPool[][] live;
        lock (Gate)
        {
            live = [.. Live];
        }

        // Several engines of a process that have a pool of one name are told as one.
        return live.SelectMany(pools => pools).GroupBy(pool => pool.Name, StringComparer.Ordinal)
            .Select(group => new Measurement<long>(group.Sum(value), new KeyValuePair<string, object?>(PoolTag, group.Key)));
    }

    private sealed class Watched(TaskPool[] pools) : IDisposable
    {
        public void Dispose()
        {
            lock (Gate)
            {
                Live.Remove(pools);
            }
        }
    }
}
