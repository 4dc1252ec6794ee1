using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Scheduling;

public sealed class TaskLineageTests : IDisposable
{
    private static readonly DatasetId Raw = new("lake/raw");
    private static readonly DatasetId Mart = new("lake/mart");
    private static readonly DatasetId Extra = new("lake/extra");
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-lineage-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_try_tells_its_start_what_it_did_and_its_end_under_one_run()
    {
        var feed = new ToldFeed();
        var dag = new DagBuilder("d").Task("load", (context, _) =>
        {
            context.Lineage.Read(Raw, 4);
            context.Lineage.Add(new LineageStep([new LineageDataset(Raw, 4)], [new LineageDataset(Extra, 9)], "select a from raw"));
            return Task.CompletedTask;
        }, task => task.Inlets(Raw).Outlets(Mart)).Build();
        await using var engine = await StartAsync([dag], feed);
        var run = await engine.RunAsync("d");
        await engine.SettleAsync();

        Assert.Equal(
            [
                $"Start dag/d/load d/{run.Id}/load#1 lake/raw@ -> lake/mart@",
                $"Running dag/d/load d/{run.Id}/load#1 lake/raw@4 -> lake/extra@9 select a from raw",
                $"Complete dag/d/load d/{run.Id}/load#1 lake/raw@4 -> lake/mart@,lake/extra@9",
            ],
            await feed.ToldAsync());
    }

    [Fact]
    public async Task A_failing_try_tells_Fail_and_the_next_is_another_run()
    {
        var feed = new ToldFeed();
        var dag = new DagBuilder("d").Task(
            "load", (context, _) => context.Try == 1 ? throw new InvalidOperationException("no") : Task.CompletedTask,
            task => task.Outlets(Mart).Retries(1, Backoff.Constant(TimeSpan.FromMinutes(1)))).Build();
        await using var engine = await StartAsync([dag], feed);
        var run = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        await engine.UntilTaskAsync(run, "load", TaskState.RetryWait);
        await engine.AdvanceAsync(TimeSpan.FromMinutes(1));
        await engine.Engine.WaitForRunAsync(run, Token);
        await engine.SettleAsync();

        Assert.Equal(
            [$"Start d/{run}/load#1", $"Fail d/{run}/load#1", $"Start d/{run}/load#2", $"Complete d/{run}/load#2"],
            (await feed.LineageAsync()).Select(said => $"{said.Kind} {said.RunId}"));
    }

    [Fact]
    public async Task A_try_that_was_cleared_away_tells_Fail_once_and_nothing_when_it_ends_well_after_all()
    {
        var feed = new ToldFeed();
        var executor = new HeldExecutor();
        var dag = new DagBuilder("d").Task("load", Nothing, task => task.Outlets(Mart)).Build();
        await using var engine = await StartAsync([dag, Waiting()], feed, executor: executor);
        var run = await engine.Engine.TriggerAsync("d", cancellationToken: Token);
        var zombie = await executor.NextAsync();
        await engine.Engine.ClearAsync(run, cancellationToken: Token);
        var second = await executor.NextAsync();

        zombie.SetResult(TaskOutcome.Success);
        await engine.Engine.PassAsync(Token);
        await engine.Engine.PassAsync(Token);
        Assert.Equal([$"Start d/{run}/load#1", $"Fail d/{run}/load#1", $"Start d/{run}/load#2"], (await feed.LineageAsync()).Select(said => $"{said.Kind} {said.RunId}"));
        Assert.Empty(await RunsAsync(engine, "waits"));

        second.SetResult(TaskOutcome.Success);
        await engine.Engine.WaitForRunAsync(run, Token);
        await engine.SettleAsync();
        Assert.Equal(LineageEventKind.Complete, (await feed.LineageAsync()).Last(said => said.Job == "dag/d/load").Kind);
        Assert.Single(await RunsAsync(engine, "waits"));
    }

    [Fact]
    public async Task A_success_starts_those_who_wait_for_its_outlets_and_no_other_end_does()
    {
        var feed = new ToldFeed();
        var mode = "fail";
        var dag = new DagBuilder("d").Task("load", (_, _) => mode switch
        {
            "fail" => throw new InvalidOperationException("no"),
            "skip" => throw new TaskSkippedException("nothing new"),
            _ => Task.CompletedTask,
        }, task => task.Outlets(Mart)).Build();
        await using var engine = await StartAsync([dag, Waiting()], feed);

        await engine.RunAsync("d");
        mode = "skip";
        await engine.RunAsync("d");
        await engine.SettleAsync();
        Assert.Empty(await RunsAsync(engine, "waits"));
        mode = "succeed";
        await engine.RunAsync("d");
        await engine.SettleAsync();
        await engine.AdvanceAsync(TimeSpan.FromSeconds(1));
        await engine.RunAsync("d");
        await engine.SettleAsync();

        var runs = await RunsAsync(engine, "waits");
        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.Equal((Mart, true), (Assert.Single(run.Changes).Dataset, DatasetUpdate.Is(run.Changes[0].Version))));
        Assert.Equal(runs[1].Changes[0].Version, runs[0].Changes[0].AfterVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_that_the_lake_and_the_task_tell_starts_one_run(bool lakeIsFirst)
    {
        var feed = new ToldFeed();
        var dag = new DagBuilder("d").Task("load", (context, _) =>
        {
            if (lakeIsFirst)
            {
                feed.Publish(new DatasetVersion(Mart, 7));
            }

            context.Lineage.Wrote(Mart, 7);
            return Task.CompletedTask;
        }, task => task.Outlets(Mart)).Build();
        await using var engine = await StartAsync([dag, Waiting()], feed);
        await engine.RunAsync("d");
        feed.Publish(new DatasetVersion(Mart, 7));
        await engine.SettleAsync();
        feed.Publish(new DatasetVersion(Mart, 8));

        var runs = await EngineHarness.UntilAsync(async () => await RunsAsync(engine, "waits") is { Count: 2 } all ? all : null);

        Assert.Equal([new DatasetChange(Mart, 7, 8), new DatasetChange(Mart, -1, 7)], runs.Select(run => run.Changes[0]));
    }

    [Fact]
    public async Task An_outlet_whose_version_the_task_does_not_know_is_at_the_newest_that_the_table_has()
    {
        var feed = new ToldFeed();
        var options = new OrchestratorOptions
        {
            LatestVersion = (dataset, _) => ValueTask.FromResult<DatasetVersion?>(dataset == Mart ? new DatasetVersion(Mart, 12) : null),
        };
        var dag = new DagBuilder("d").Task("load", Nothing, task => task.Outlets(Mart)).Build();
        var waiting = new DagBuilder("waits").OnDataset(Mart).Task("use", Nothing, task => task.Inlets(Mart)).Build();
        var store = new InMemoryOrchestratorStore();
        await using var engine = await EngineHarness.StartAsync([dag, waiting], store, options: options, feed: feed.Inner);

        // It is at 12 since the start; a task that wrote nothing new is no news.
        await EngineHarness.UntilAsync(async () => await RunsAsync(engine, "waits") is { Count: 1 } all ? all : null);
        await engine.RunAsync("d");
        await engine.SettleAsync();

        Assert.Equal(new DatasetChange(Mart, -1, 12), Assert.Single(await RunsAsync(engine, "waits")).Changes[0]);
    }

    [Fact]
    public async Task Inlets_have_the_version_that_the_run_was_started_for()
    {
        var feed = new ToldFeed();
        var waiting = new DagBuilder("waits").OnDataset(Mart).Task("use", Nothing, task => task.Inlets(Mart, Raw)).Build();
        await using var engine = await StartAsync([waiting], feed);
        feed.Publish(new DatasetVersion(Mart, 5));
        await EngineHarness.UntilAsync(async () => await RunsAsync(engine, "waits") is [{ State: DagRunState.Success }] all ? all : null);
        await engine.SettleAsync();

        Assert.Contains(await feed.ToldAsync(), said => said.StartsWith("Complete dag/waits/use", StringComparison.Ordinal) && said.EndsWith("lake/mart@5,lake/raw@ -> ", StringComparison.Ordinal));
    }

    /// <summary>A process that does not have the DAG which waits makes the update; the next one that has it finds it in the store.</summary>
    [Fact]
    public async Task An_update_from_while_a_dag_was_not_scheduled_starts_it_once_and_no_dag_that_came_later()
    {
        var path = Path.Combine(_folder, "left-out.db");
        var dag = new DagBuilder("d").Task("load", Nothing, task => task.Outlets(Mart)).Build();
        var later = new DagBuilder("later").OnDataset(Mart).Task("use", Nothing).Build();
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(EngineHarness.Start);
        await using var store = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token);
        foreach (var (dags, loads) in new (Dag[], bool)[] { ([dag, Waiting()], false), ([dag], true), ([dag, Waiting(), later], false), ([dag, Waiting(), later], false) })
        {
            await using var engine = await EngineHarness.StartAsync(dags, store, time);
            await (loads ? engine.RunAsync("d") : Task.CompletedTask);
            await engine.SettleAsync();
            time.Advance(TimeSpan.FromMinutes(1));
        }

        var runs = await store.ListRunsAsync(new RunQuery(), Token);
        Assert.Equal(["waits", "d"], runs.Select(run => run.DagId));
        Assert.All(runs, run => Assert.Equal(DagRunState.Success, run.State));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wherever_the_scheduler_dies_one_success_starts_one_run(bool afterCommit)
    {
        var died = 0;
        for (var death = 1; ; death++)
        {
            var path = Path.Combine(_folder, $"{afterCommit}-{death}.db");
            var dag = new DagBuilder("d").Task("load", Nothing, task => task.Outlets(Mart)).Build();
            var isDead = false;
            await using (var store = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token))
            {
                try
                {
                    await using var engine = await EngineHarness.StartAsync([dag, Waiting()], new DyingStore(store, death, afterCommit));
                    await engine.Engine.TriggerAsync("d", idempotencyKey: "once", cancellationToken: Token);
                    await EngineHarness.UntilAsync(async () => engine.Engine.StoppedAsync(Token).IsCompleted
                        || await RunsAsync(engine, "waits") is [{ State: DagRunState.Success }] ? "done" : null);
                    isDead = engine.Engine.StoppedAsync(Token).IsCompleted;
                }
                catch (DataPlatformException)
                {
                    isDead = true;
                }
            }

            await using var again = await SqliteOrchestratorStore.OpenAsync(path, cancellationToken: Token);
            await using var next = await EngineHarness.StartAsync([dag, Waiting()], again);
            var run = await next.Engine.TriggerAsync("d", idempotencyKey: "once", cancellationToken: Token);
            Assert.Equal(DagRunState.Success, (await next.Engine.WaitForRunAsync(run, Token)).State);
            await next.SettleAsync();
            Assert.Equal(DagRunState.Success, Assert.Single(await RunsAsync(next, "waits")).State);
            if (!isDead)
            {
                break;
            }

            died++;
        }

        Assert.InRange(died, 3, 40);
    }

    [Theory]
    [InlineData(-1L, -1L, 3L, 3L, -1L)]
    [InlineData(3L, 2L, 3L, null, null)]
    [InlineData(3L, 3L, 5L, 5L, 3L)]
    [InlineData(3L, 3L, DatasetUpdate.VersionMin, null, null)]
    [InlineData(-1L, -1L, DatasetUpdate.VersionMin, DatasetUpdate.VersionMin, -1L)]
    [InlineData(DatasetUpdate.VersionMin, -1L, DatasetUpdate.VersionMin, null, null)]
    [InlineData(DatasetUpdate.VersionMin, DatasetUpdate.VersionMin, DatasetUpdate.VersionMin + 1, DatasetUpdate.VersionMin + 1, DatasetUpdate.VersionMin)]
    [InlineData(DatasetUpdate.VersionMin, DatasetUpdate.VersionMin, 4L, 4L, 3L)]
    public void Versions_fold_and_updates_without_one_count_only_where_there_are_none(long seen, long consumed, long told, long? seenAfter, long? consumedAfter)
    {
        var after = new DatasetProgress("d", Mart, seen, consumed).Seeing(told);

        Assert.Equal((seenAfter, consumedAfter), (after?.SeenVersion, after?.ConsumedVersion));
    }

    [Fact]
    public void A_report_comes_back_from_its_text_as_it_was()
    {
        var run = new LineageRun("job", "run");
        run.Add(new LineageStep(
            [new LineageDataset(Raw, 3) { Alias = "r", Fields = [new LineageField("a", "BIGINT")] }], [new LineageDataset(Mart, 4)], "select a from r",
            [new LineageColumn(Mart, "a", [new LineageSource(Raw, "a")])]));

        var back = LineageText.Read(LineageText.Write(run.Report()));

        Assert.Equal(LineageText.Write(run.Report()), LineageText.Write(back));
        var step = Assert.Single(back.Steps);
        Assert.Equal(("r", new LineageField("a", "BIGINT"), "select a from r"), (step.Inputs[0].Alias, step.Inputs[0].Fields![0], step.Sql));
        Assert.Equal(new LineageSource(Raw, "a"), step.Columns![0].Inputs[0]);
        Assert.Null(LineageText.Write(LineageReport.Empty));
        Assert.True(LineageText.Read(null).IsEmpty);
    }

    private static Dag Waiting() => new DagBuilder("waits").OnDataset(Mart).Task("use", Nothing).Build();

    private static Task<EngineHarness> StartAsync(IEnumerable<Dag> dags, ToldFeed feed, IExecutor? executor = null) =>
        EngineHarness.StartAsync(dags, executor: executor, feed: feed.Inner);

    private static async Task<IReadOnlyList<DagRun>> RunsAsync(EngineHarness engine, string dagId) =>
        await engine.Store.ListRunsAsync(new RunQuery { DagId = dagId }, Token);

    /// <summary>What was told, taken down by a follower that reads at once.</summary>
    private sealed class ToldFeed
    {
        private static readonly LineageEvent Mark = new("mark", "mark", DateTimeOffset.UnixEpoch, LineageEventKind.Running, [], []);

        private readonly IAsyncEnumerator<LineageEvent> _follower;
        private readonly List<LineageEvent> _told = [];
        private Task<bool> _next;

        public ToldFeed()
        {
            _follower = Inner.FollowLineageAsync(Token).GetAsyncEnumerator(Token);
            _next = _follower.MoveNextAsync().AsTask();
        }

        public DatasetFeed Inner { get; } = new();

        /// <summary>All that was told by now: what comes before a mark.</summary>
        public async Task<IReadOnlyList<LineageEvent>> LineageAsync()
        {
            Inner.Publish(Mark);
            while (await _next)
            {
                var said = _follower.Current;
                _next = _follower.MoveNextAsync().AsTask();
                if (said == Mark)
                {
                    break;
                }

                _told.Add(said);
            }

            return _told;
        }

        public async Task<IEnumerable<string>> ToldAsync() => (await LineageAsync()).Select(said =>
            $"{said.Kind} {said.Job} {said.RunId} {Names(said.Inputs)} -> {Names(said.Outputs)}{(said.Sql is null ? string.Empty : " " + said.Sql)}");

        public void Publish(DatasetVersion version) => Inner.Publish(version);

        private static string Names(IEnumerable<LineageDataset> datasets) => string.Join(',', datasets.Select(dataset => $"{dataset.Dataset}@{dataset.Version}"));
    }

    /// <summary>Tries end when the test says so.</summary>
    private sealed class HeldExecutor : IExecutor
    {
        private readonly ConcurrentQueue<TaskCompletionSource<TaskOutcome>> _tries = new();

        public string Name => "held";

        public bool StartsAtOnce => true;

        public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
        {
            if (invocation.Run.DagId == "waits")
            {
                return TaskOutcome.Success;
            }

            var end = new TaskCompletionSource<TaskOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            _tries.Enqueue(end);
            return await end.Task;
        }

        public Task<TaskCompletionSource<TaskOutcome>> NextAsync() =>
            EngineHarness.UntilAsync(() => Task.FromResult(_tries.TryDequeue(out var next) ? next : null));
    }
}
