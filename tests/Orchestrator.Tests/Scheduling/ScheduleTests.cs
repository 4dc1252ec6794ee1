using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Testing;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class ScheduleTests
{
    private static readonly DatasetId Arrivals = new("lake/arrivals");
    private static readonly DatasetId Airports = new("lake/airports");
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static OrchestratorTestOptions FromTheStart => new() { Start = EngineHarness.Start };

    [Fact]
    public async Task A_cron_dag_runs_at_its_instants()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Every5Minutes(catchup: false), FromTheStart, Token);

        await host.AdvanceAsync(TimeSpan.FromSeconds(119), Token);
        Assert.Empty(await host.RunsAsync("d", Token));
        await host.AdvanceAsync(TimeSpan.FromSeconds(1), Token);
        await host.AdvanceAsync(TimeSpan.FromMinutes(5), Token);

        var runs = await host.RunsAsync("d", Token);
        Assert.Equal([EngineHarness.Start.AddMinutes(2), EngineHarness.Start.AddMinutes(7)], runs.Select(run => run.RunAfter));
        Assert.Equal([EngineHarness.Start.AddMinutes(-3), EngineHarness.Start.AddMinutes(2)], runs.Select(run => run.LogicalDate));
        Assert.All(runs, run => Assert.Equal((DagRunKind.Scheduled, DagRunState.Success), (run.Kind, run.State)));
    }

    [Theory]
    [InlineData(true, 12)]
    [InlineData(false, 1)]
    public async Task After_a_gap_catchup_decides_how_many_runs_are_made(bool catchup, int expected)
    {
        var store = new InMemoryOrchestratorStore();
        var time = new FakeTimeProvider(EngineHarness.Start);
        await using (await EngineHarness.StartAsync([Every5Minutes(catchup)], store, time))
        {
            // Registered, then down for an hour.
        }

        time.Advance(TimeSpan.FromHours(1));
        await using var engine = await EngineHarness.StartAsync([Every5Minutes(catchup)], store, time);
        await engine.SettleAsync();
        var due = await engine.RunsAsync("d");
        if (catchup)
        {
            Assert.Equal(expected, due.Count);
            Assert.Equal(due.Select(run => run.LogicalDate).Order(), due.Select(run => run.LogicalDate));
        }
        else
        {
            // Without a run before there is no gap: the next fire after registration was missed, and the latest complete one stands for
            // all.
            Assert.Equal(new DateTimeOffset(2026, 1, 5, 13, 0, 0, TimeSpan.Zero), Assert.Single(due).RunAfter);
        }
    }

    [Fact]
    public async Task A_paused_dag_makes_no_runs_and_then_one_for_the_latest_interval()
    {
        await using var host = await OrchestratorTestHost.StartAsync(Every5Minutes(catchup: false), FromTheStart, Token);
        await host.Engine.PauseAsync("d", Token);
        await host.AdvanceAsync(TimeSpan.FromHours(1), Token);
        Assert.Empty(await host.RunsAsync("d", Token));

        await host.Engine.ResumeAsync("d", Token);
        await host.SettleAsync(Token);

        Assert.Single(await host.RunsAsync("d", Token));
        Assert.False((await host.Store.ListDagsAsync(Token))[0].IsPaused);
    }

    [Fact]
    public async Task A_dag_has_no_more_active_runs_than_it_may_and_catches_up_one_by_one()
    {
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("*/5 * * * *"), catchup: true, EngineHarness.Start.AddHours(-1))
            .MaxActiveRuns(2).Task("a", Nothing).Build();
        var options = FromTheStart;
        options.Script = starting => starting.Task("d", "a").Takes(TimeSpan.FromSeconds(10));
        await using var host = await OrchestratorTestHost.StartAsync(dag, options, Token);

        await host.RunUntilIdleAsync(TimeSpan.FromMinutes(1), Token);

        // Eleven runs of ten seconds, two at a time.
        var runs = await host.RunsAsync("d", Token);
        Assert.Equal(11, runs.Count);
        Assert.Equal(
            Enumerable.Range(0, 11).Select(i => EngineHarness.Start.AddSeconds(10 * (i / 2))), runs.Select(run => run.StartedAt!.Value));
    }

    [Fact]
    public async Task Once_runs_once_also_after_a_restart()
    {
        var store = new InMemoryOrchestratorStore();
        for (var i = 0; i < 2; i++)
        {
            await using var engine = await EngineHarness.StartAsync(
                [new DagBuilder("d").Schedule(Timetable.Once()).Task("a", Nothing).Build()], store);
            await EngineHarness.UntilAsync(async () => (await engine.RunsAsync("d")).SingleOrDefault(
                run => run.State == DagRunState.Success));
        }

        Assert.Single(await store.ListRunsAsync(new RunQuery(), Token));
    }

    [Fact]
    public async Task A_new_version_starts_a_run_that_carries_it()
    {
        IReadOnlyList<DatasetVersion> seen = [];
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").OnDataset(Arrivals).Task("a", (c, _) =>
        {
            seen = c.TriggeringVersions;
            return Task.CompletedTask;
        }).Build());

        engine.Feed.Publish(new DatasetVersion(Arrivals, 4));
        var run = await EngineHarness.UntilAsync(async () => (await engine.RunsAsync("d")).SingleOrDefault(
            run => run.State == DagRunState.Success));

        Assert.Equal([new DatasetVersion(Arrivals, 4)], seen);
        Assert.Equal(new DatasetChange(Arrivals, -1, 4), Assert.Single(run.Changes));
        Assert.Equal(DagRunKind.Dataset, run.Kind);
    }

    [Fact]
    public async Task Versions_that_arrive_during_a_run_collapse_into_one_run_that_carries_them()
    {
        var open = new SemaphoreSlim(0);
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").OnDataset(Arrivals)
            .Task("a", (_, token) => open.WaitAsync(token)).Build());
        engine.Feed.Publish(new DatasetVersion(Arrivals, 0));
        await EngineHarness.UntilAsync(async () => (await engine.RunsAsync("d")).SingleOrDefault());
        for (var version = 1; version <= 9; version++)
        {
            engine.Feed.Publish(new DatasetVersion(Arrivals, version));
        }

        open.Release();
        await EngineHarness.UntilAsync(async () => (await engine.RunsAsync("d")) is { Count: 2 } two ? two : null);
        open.Release(8);
        var runs = await EngineHarness.UntilAsync(async () =>
            (await engine.RunsAsync("d")) is var all && all.All(run => run.State == DagRunState.Success) && all[^1].Changes[0].Version == 9
                ? all : null);

        // The feed may hand 1 over before 9: then a third run takes the rest. No version is lost and none is consumed twice.
        Assert.InRange(runs.Count, 2, 3);
        Assert.Equal(runs.Skip(1).Select(run => run.Changes[0].AfterVersion), runs.SkipLast(1).Select(run => run.Changes[0].Version));
    }

    [Fact]
    public async Task All_datasets_must_have_news_since_the_last_run()
    {
        await using var engine = await EngineHarness.StartAsync(new DagBuilder("d").OnDataset(Arrivals, Airports).Task("a", Nothing)
            .Build());

        engine.Feed.Publish(new DatasetVersion(Arrivals, 1));
        await engine.SettleAsync();
        Assert.Empty(await engine.RunsAsync("d"));
        engine.Feed.Publish(new DatasetVersion(Airports, 0));
        var run = await EngineHarness.UntilAsync(async () => (await engine.RunsAsync("d")).SingleOrDefault());

        Assert.Equal([Arrivals, Airports], run.Changes.Select(change => change.Dataset));
    }

    [Fact]
    public async Task A_version_committed_while_the_engine_was_away_is_found_by_comparing()
    {
        var store = new InMemoryOrchestratorStore();
        var dag = new DagBuilder("d").OnDataset(Arrivals).Task("a", Nothing).Build();
        await using (var first = await EngineHarness.StartAsync([dag], store))
        {
            first.Feed.Publish(new DatasetVersion(Arrivals, 3));
            await EngineHarness.UntilAsync(async () => (await first.RunsAsync("d")).SingleOrDefault(
                run => run.State == DagRunState.Success));
        }

        var latest = 3L;
        for (var i = 0; i < 2; i++)
        {
            var options = new OrchestratorOptions { LatestVersion = (dataset, _) => new(new DatasetVersion(dataset, latest)) };
            await using var engine = await EngineHarness.StartAsync([dag], store, options: options, feed: new DatasetFeed());
            await engine.SettleAsync();
            Assert.Equal(i + 1, (await engine.RunsAsync("d")).Count);
            latest = 8;
        }

        await using var last = await EngineHarness.StartAsync(
            [dag], store, options: new OrchestratorOptions { LatestVersion = (dataset, _) => new(new DatasetVersion(dataset, 8)) });
        await last.SettleAsync();
        Assert.Equal([new DatasetChange(Arrivals, -1, 3), new DatasetChange(Arrivals, 3, 8)], (await last.RunsAsync("d"))
            .Select(run => run.Changes[0]));
    }

    private static Dag Every5Minutes(bool catchup) =>
        new DagBuilder("d").Schedule(Timetable.Cron("*/5 * * * *"), catchup).Task("a", Nothing).Build();
}
