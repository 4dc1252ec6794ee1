using DataPlatform.Kernel;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

public sealed class PostgresStoreTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 3, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_written_reads_back()
    {
        await using var store = await OpenAsync("reads_back");
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("@daily")).Task("a", (_, _) => Task.CompletedTask).Build();
        var fire = dag.Timetable.NextAfter(Now)!.Value;
        var run = new DagRun
        {
            Id = 1,
            DagId = "d",
            DagHash = dag.Hash,
            Kind = DagRunKind.Scheduled,
            State = DagRunState.Running,
            Interval = fire.Interval,
            LogicalDate = fire.LogicalDate,
            RunAfter = fire.RunAfter,
            CreatedAt = Now,
            StartedAt = Now,
            Changes = [new DatasetChange(new DatasetId("x"), -1, 7)],
            Conf = "{}",
            IdempotencyKey = "k",
            Note = "n",
        };
        var task = new TaskInstance
        {
            Key = new TaskKey(1, 0),
            TaskId = "a",
            State = TaskState.RetryWait,
            Try = 2,
            Epoch = 3,
            Failures = 1,
            InfrastructureFailures = 1,
            ReadyAt = Now,
            WakeAt = Now.AddTicks(10),
            FirstStartedAt = Now,
            Executor = "e",
            Note = "t",
        };
        var backfill = new Backfill
        {
            Id = 4,
            DagId = "d",
            Request = new BackfillRequest
            {
                From = Now,
                To = Now.AddDays(1),
                MaxActiveRuns = 3
            },
            CreatedAt = Now
        };
        var date = new BackfillRun(4, 0, fire, BackfillRunState.Running, 1, null);
        var batch = new StoreBatch { Term = await store.ClaimAsync("me", Token) };
        await store.RegisterAsync([dag], Now, Token);
        batch.Runs.Add(run);
        batch.Tasks.Add(task);
        batch.Tries.AddRange([task with { Try = 1 }, task with { Try = 1, Note = "later" }]);
        batch.XComs.Add(new XComValue(task.Key, "a", "k", "5"));
        batch.Fires.Add(("d", fire));
        batch.Pauses.Add(("d", true));
        batch.Datasets.Add(new DatasetProgress("d", new DatasetId("x"), 9, 7));
        batch.Backfills.Add(backfill);
        batch.BackfillRuns.AddRange([date with { State = BackfillRunState.Pending }, date]);
        await store.CommitAsync(batch, Token);
        await store.CommitAsync(batch, Token);

        var work = await store.LoadUnfinishedAsync(null, Token);
        Assert.Equivalent(run, Assert.Single(work.Runs), strict: true);
        Assert.Equal(task, Assert.Single(work.Tasks));
        Assert.Equal("5", Assert.Single(work.XComs).Json);
        Assert.Equal(new DatasetProgress("d", new DatasetId("x"), 9, 7), Assert.Single(work.Datasets));
        Assert.Equal(backfill, Assert.Single(work.Backfills));
        Assert.Equal(date, Assert.Single(work.BackfillRuns));
        Assert.Equal((2, 5), (work.NextRunId, work.NextBackfillId));
        Assert.Equal("later", Assert.Single(await store.ListTriesAsync(1, Token)).Note);
        Assert.Equal(
            (true, fire), (Assert.Single(await store.ListDagsAsync(Token)).IsPaused,
                (await store.ListDagsAsync(Token))[0].LastFire!.Value));
        Assert.Equal(1, (await store.FindRunAsync("d", "k", Token))!.Id);
        Assert.Single(
            await store.ListRunsAsync(new RunQuery
            {
                DagId = "d",
                State = DagRunState.Running,
                LogicalFrom = fire.LogicalDate,
                LogicalTo = fire.LogicalDate
            }, Token));
    }

    [Fact]
    public async Task A_term_that_ran_out_loses_its_dags_and_can_write_nothing()
    {
        await using var store = await OpenAsync("terms", lease: 0.5);
        Dag[] dags = [.. Enumerable.Range(0, 4).Select(i => new DagBuilder($"d{i}").Task("a", (_, _) => Task.CompletedTask).Build())];
        await store.RegisterAsync(dags, Now, Token);
        var old = await EnterAsync(store, "one", dags);
        Assert.Equal(4, (await store.Fleet.BeatAsync(old, Token)).Taken.Count);
        var heir = await EnterAsync(store, "two", dags);
        var taken = new List<string>();
        while (taken.Count < 4)
        {
            taken.AddRange((await store.Fleet.BeatAsync(heir, Token)).Taken);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        var batch = new StoreBatch { Term = old };
        batch.Pauses.Add(("d0", true));
        foreach (var refused in new Func<Task>[]
        {
            async () => await store.CommitAsync(batch, Token),
            async () => await store.Fleet.BeatAsync(old, Token),
            async () => await store.Fleet.ShareAsync(old, [new PoolDemand("p", 0, 1, 1)], Token),
        })
        {
            Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(refused)).Kind);
        }

        Assert.All(await store.ListDagsAsync(Token), dag => Assert.False(dag.IsPaused));
    }

    [Fact]
    public async Task A_backfill_that_adopts_another_version_leaves_the_rows_of_that_version_only()
    {
        await using var store = await OpenAsync("adopts");
        var options = new OrchestratorOptions { FollowsStoreClock = false };
        Dag Of(string version, params string[] tasks)
        {
            var builder = new DagBuilder("d").Version(version).Schedule(Timetable.Cron("@daily"));
            foreach (var task in tasks)
            {
                builder.Task(task, (_, _) => Task.CompletedTask);
            }

            return builder.Build();
        }

        var request = new BackfillRequest { From = Now.AddDays(-3), To = Now.AddDays(-1), Reprocess = ReprocessMode.Completed };
        long runId = 0;
        foreach (var dag in new[] { Of("1", "a", "b", "c"), Of("2", "b", "d") })
        {
            await using var engine = new OrchestratorEngine(store, [dag], options: options);
            await engine.StartAsync(Token);
            var (backfill, dates) = await engine.BackfillAsync("d", request with { Conf = $"{{\"v\":{dag.Tasks.Count}}}" }, Token);
            while ((await store.ListBackfillsAsync("d", Token)).Single(known => known.Id == backfill!.Id).State != BackfillState.Completed)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
            }

            runId = (await store.ListBackfillRunsAsync(backfill!.Id, Token))[0].RunId!.Value;
            Assert.Equal(dag.Hash, (await store.FindRunAsync(runId, Token))!.DagHash);
        }

        Assert.Equal("""{"v":2}""", (await store.FindRunAsync(runId, Token))!.Conf);
        Assert.Equal(
            [("b", TaskState.Success, 2), ("d", TaskState.Success, 2)],
            (await store.ListTaskInstancesAsync(runId, Token)).Select(task => (task.TaskId, task.State, task.Try)));
        Assert.Equal(["a", "b", "c"], (await store.ListTriesAsync(runId, Token)).Select(entry => entry.TaskId).Order());
    }

    [Fact]
    public async Task A_later_try_is_never_written_over()
    {
        await using var store = await OpenAsync("epochs");
        var term = await store.ClaimAsync("me", Token);
        var task = new TaskInstance { Key = new TaskKey(1, 0), TaskId = "a", State = TaskState.Running, Try = 2, Epoch = 2 };
        var batch = new StoreBatch { Term = term };
        batch.Tasks.Add(task);
        await store.CommitAsync(batch, Token);

        var late = new StoreBatch { Term = term };
        late.Tasks.Add(task with { State = TaskState.Success, Try = 1, Epoch = 1 });
        late.Tasks.Add(task with { Key = new TaskKey(1, 1), Epoch = 1 });
        Assert.Equal(
            ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await store.CommitAsync(late, Token))).Kind);
        Assert.Equal(task, Assert.Single(await store.ListTaskInstancesAsync(1, Token)));
    }

    [Fact]
    public async Task Schedulers_share_dags_and_pools_and_give_back_what_others_lack()
    {
        await using var store = await OpenAsync("shares");
        Dag[] dags = [.. Enumerable.Range(0, 5).Select(i => new DagBuilder($"d{i}").Task("a", (_, _) => Task.CompletedTask).Build())];
        await store.RegisterAsync(dags, Now, Token);
        var one = await EnterAsync(store, "one", dags);
        Assert.Equal(5, (await store.Fleet.BeatAsync(one, Token)).Taken.Count);
        Assert.Equal(8, (await ShareAsync(store, one, new PoolDemand("p", 6, 6, 0))).Held);

        var two = await EnterAsync(store, "two", dags);
        Assert.Empty((await store.Fleet.BeatAsync(two, Token)).Taken);
        var beat = await store.Fleet.BeatAsync(one, Token);
        Assert.Equal(2, beat.Excess);
        await store.Fleet.GiveBackAsync(one, [.. beat.Givable.Take(beat.Excess)], Token);
        Assert.Equal(2, (await store.Fleet.BeatAsync(two, Token)).Taken.Count);
        Assert.Equal(0, (await store.Fleet.BeatAsync(one, Token)).Excess);

        Assert.Equal(0, (await ShareAsync(store, two, new PoolDemand("p", 0, 8, 1))).Held);
        var grant = await ShareAsync(store, one, new PoolDemand("p", 6, 8, 1));
        Assert.Equal((4, true), (grant.Held, grant.IsWanted));
        Assert.Equal(2, (await ShareAsync(store, two, new PoolDemand("p", 0, 8, 1))).Held);
        await ShareAsync(store, one, new PoolDemand("p", 4, 4, 0));
        Assert.Equal(4, (await ShareAsync(store, two, new PoolDemand("p", 2, 8, 1))).Held);

        await store.ReleaseAsync(one, Token);
        Assert.Equal(3, (await store.Fleet.BeatAsync(two, Token)).Taken.Count);
        Assert.Equal(8, (await ShareAsync(store, two, new PoolDemand("p", 4, 8, 1))).Held);
    }

    [Fact]
    public async Task Slots_of_a_dag_without_an_owner_are_not_given_away()
    {
        await using var store = await OpenAsync("orphans");
        Dag[] dags = [new DagBuilder("d").Task("a", (_, _) => Task.CompletedTask).Build()];
        Dag[] others = [new DagBuilder("e").Task("a", (_, _) => Task.CompletedTask).Build()];
        await store.RegisterAsync([.. dags, .. others], Now, Token);
        var one = await EnterAsync(store, "one", dags);
        var two = await EnterAsync(store, "two", others);
        await store.Fleet.BeatAsync(one, Token);
        var batch = new StoreBatch { Term = one };
        var fire = new ScheduledFire(DataInterval.At(Now), Now, Now);
        batch.Runs.Add(new DagRun { Id = 1, DagId = "d", DagHash = dags[0].Hash, State = DagRunState.Running, LogicalDate = fire.LogicalDate });
        batch.Tasks.Add(
            new TaskInstance { Key = new TaskKey(1, 0), TaskId = "a", State = TaskState.Running, Try = 1, Epoch = 1, Pool = "p", PoolSlots = 3 });
        await store.CommitAsync(batch, Token);
        await store.ReleaseAsync(one, Token);

        Assert.Equal(5, (await ShareAsync(store, two, new PoolDemand("p", 0, 8, 1))).Held);
        var heir = await EnterAsync(store, "three", dags);
        Assert.Equal(["d"], (await store.Fleet.BeatAsync(heir, Token)).Taken);
        Assert.Equal(5, (await ShareAsync(store, two, new PoolDemand("p", 5, 8, 1))).Held);
        Assert.Equal(3, (await ShareAsync(store, heir, new PoolDemand("p", 3, 3, 0))).Held);
    }

    private static async Task<long> EnterAsync(PostgresOrchestratorStore store, string name, Dag[] dags)
    {
        var term = await store.ClaimAsync(name, Token);
        await store.Fleet.EnterAsync(term, dags, [new KeyValuePair<string, int>("p", 8)], Token);
        return term;
    }

    private static async Task<PoolGrant> ShareAsync(PostgresOrchestratorStore store, long term, PoolDemand demand) =>
        Assert.Single(await store.Fleet.ShareAsync(term, [demand], Token));

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        await (await OpenAsync("newer")).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(_last!);
        await using var command = source.CreateCommand("UPDATE orchestrator.schema_version SET version = 99");
        await command.ExecuteNonQueryAsync(Token);

        Assert.Contains(
            "version 99",
                (await Assert.ThrowsAsync<OrchestratorStoreException>(() => PostgresOrchestratorStore.OpenAsync(_last!, null, Token)))
                    .Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_loses_nothing()
    {
        // On a busy machine a transaction may take longer than connections live here: then the cuts become rarer, and it is tried more often.
        await using var store = await OpenAsync("cut", retriesMax: 40);
        var dag = new DagBuilder("d");
        for (var i = 0; i < 300; i++)
        {
            dag.Task($"t{i}", async (_, token) => await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, token), t =>
                t.Pool("ten"));
        }

        await using var engine = new OrchestratorEngine(
            store, [dag.Build()], options: new OrchestratorOptions { Pools = { ["ten"] = 10 } });
        await engine.StartAsync(Token);
        var ended = engine.WaitForRunAsync(await engine.TriggerAsync("d", cancellationToken: Token), Token);
        await using var admin = NpgsqlDataSource.Create(_last!);
        for (var cuts = 0; !ended.IsCompleted; cuts++)
        {
            await using var command = admin.CreateCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
            await command.ExecuteNonQueryAsync(Token);
            await Task.Delay(TimeSpan.FromMilliseconds(60 + (10 * cuts)), TimeProvider.System, Token);
        }

        Assert.Equal(DagRunState.Success, (await ended).State);
        Assert.All(await store.ListTaskInstancesAsync(1, Token), task => Assert.Equal((1, TaskState.Success), (task.Try, task.State)));
    }

    [Fact]
    public async Task A_read_on_a_connection_that_the_server_cut_is_tried_again()
    {
        await using var store = await OpenAsync("cut_read");
        await using var admin = NpgsqlDataSource.Create(_last!);
        for (var cuts = 0; cuts < 5; cuts++)
        {
            Assert.Empty(await store.ListTaskInstancesAsync(1, Token));
            await using var command = admin.CreateCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
            await command.ExecuteNonQueryAsync(Token);
        }

        Assert.Empty(await store.ListTaskInstancesAsync(1, Token));
    }

    private string? _last;

    private async Task<PostgresOrchestratorStore> OpenAsync(string database, double lease = 15, int retriesMax = 5)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        _last = await server.NewDatabaseAsync(database);
        return await PostgresOrchestratorStore.OpenAsync(
            _last, new PostgresOrchestratorOptions { Lease = TimeSpan.FromSeconds(lease), RetriesMax = retriesMax }, Token);
    }
}
