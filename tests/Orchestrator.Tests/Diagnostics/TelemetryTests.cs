using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Tests.Diagnostics;

/// <summary>What listeners hear. Other tests run beside these, so each looks only at its own DAG.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_a_span_with_a_span_for_each_try_below_it_linked_to_the_versions_it_consumes()
    {
        const string Id = "telemetry-spans";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OrchestratorTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if ((string?)span.GetTagItem("orchestrator.dag.id") == Id)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        Activity? seen = null;
        var dag = new DagBuilder(Id).OnDataset(new DatasetId("lake/telemetry"))
            .Task("flaky", (context, _) =>
            {
                seen = Activity.Current;
                return context.Try == 1 ? throw new InvalidOperationException("once") : Task.CompletedTask;
            }, t => t.Retries(1, Backoff.Constant(TimeSpan.FromMinutes(1)))).Build();
        await using var engine = await EngineHarness.StartAsync(dag);

        engine.Feed.Publish(new DatasetVersion(new DatasetId("lake/telemetry"), 7));
        await EngineHarness.UntilAsync(async () => (await engine.Store.ListRunsAsync(new() { DagId = Id }, Token)).FirstOrDefault(run => run.StartedAt is not null));
        await engine.SettleAsync();
        await engine.AdvanceAsync(TimeSpan.FromMinutes(1));
        await EngineHarness.UntilAsync(() => Task.FromResult(spans.Count == 3 ? spans : null));

        var run = spans.Single(span => span.OperationName == "orchestrator.run");
        var tries = spans.Where(span => span.OperationName == "orchestrator.task").OrderBy(span => (int)span.GetTagItem("orchestrator.task.try")!).ToList();
        Assert.Equal(2, tries.Count);
        Assert.All(tries, span => Assert.Equal((run.TraceId, run.SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Ok], tries.Select(span => span.Status));
        Assert.Equal((ActivityStatusCode.Ok, default(ActivitySpanId)), (run.Status, run.ParentSpanId));
        Assert.Equal(tries[1].SpanId, seen!.SpanId);
        Assert.Equal(TimeSpan.FromMinutes(1), run.Duration);
        var link = Assert.Single(run.Links);
        Assert.Equal(OrchestratorTelemetry.ContextOf(new DatasetVersion(new DatasetId("lake/telemetry"), 7)), link.Context);
        Assert.Contains(link.Tags!, tag => tag is { Key: "orchestrator.dataset.version", Value: 7L });
    }

    [Fact]
    public async Task Durations_waits_retries_delays_and_pools_are_measured()
    {
        const string Id = "telemetry-metrics";
        var values = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == OrchestratorTelemetry.Name)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => values.Enqueue((instrument.Name, value, Tags(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => values.Enqueue((instrument.Name, value, Tags(tags))));
        listener.Start();
        var release = new TaskCompletionSource();
        var options = new OrchestratorOptions();
        options.Pools["telemetry"] = 2;
        var dag = new DagBuilder(Id).Schedule(Timetable.Cron("@hourly"))
            .Task("holds", (_, token) => release.Task.WaitAsync(token), t => t.Pool("telemetry", 2))
            .Task("wants", (context, _) => context.Try == 1 ? throw new InvalidOperationException("once") : Task.CompletedTask,
                t => t.Pool("telemetry").Retries(1, Backoff.Constant(TimeSpan.FromMinutes(5)))).Build();
        await using var engine = await EngineHarness.StartAsync([dag], options: options);

        engine.Time.Advance(TimeSpan.FromMinutes(58));
        await EngineHarness.UntilAsync(async () => (await engine.Engine.PoolsAsync(Token)).SingleOrDefault(pool => pool is { Name: "telemetry", Used: 2, Waiting: 1 }));
        listener.RecordObservableInstruments();
        Assert.Equal((1, 2, 2), (Pool("orchestrator.pool.queue.length"), Pool("orchestrator.pool.slots.used"), Pool("orchestrator.pool.slots.limit")));
        engine.Time.Advance(TimeSpan.FromSeconds(30));
        release.SetResult();
        await EngineHarness.UntilAsync(() => Task.FromResult(Of("orchestrator.task.retries").Count > 0 ? values : null));
        await engine.AdvanceAsync(TimeSpan.FromMinutes(5));
        await EngineHarness.UntilAsync(() => Task.FromResult(Of("orchestrator.run.duration").Count > 0 ? values : null));

        Assert.Equal([30, 0, 0], Of("orchestrator.task.duration").Select(entry => entry.Value).OrderDescending());
        Assert.Equal(["RetryWait", "Success", "Success"], Of("orchestrator.task.duration").Select(entry => entry.Tags["orchestrator.state"]).Order());
        Assert.Equal([30, 0, 0], Of("orchestrator.task.wait.duration").Select(entry => entry.Value).OrderDescending());
        Assert.Equal(1, Assert.Single(Of("orchestrator.task.retries")).Value);
        Assert.Equal(60, Assert.Single(Of("orchestrator.run.schedule_delay")).Value);
        Assert.Equal(330, Assert.Single(Of("orchestrator.run.duration")).Value);
        Assert.Contains(values, entry => entry.Name == "orchestrator.scheduler.step.duration");
        Assert.Contains(values, entry => entry.Name == "orchestrator.store.commit.duration");

        List<(string Name, double Value, Dictionary<string, object?> Tags)> Of(string name) =>
            [.. values.Where(entry => entry.Name == name && Id.Equals(entry.Tags.GetValueOrDefault("orchestrator.dag.id")))];

        int Pool(string name) => (int)values.Single(entry => entry.Name == name && "telemetry".Equals(entry.Tags.GetValueOrDefault("orchestrator.pool.name"))).Value;
    }

    private static Dictionary<string, object?> Tags(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = new Dictionary<string, object?>();
        foreach (var (name, value) in tags)
        {
            all[name] = value;
        }

        return all;
    }
}
