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

        var work = await store.LoadUnfinishedAsync(Token);
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
    public async Task A_claim_is_waited_for_and_an_old_term_can_write_nothing()
    {
        await using var first = await OpenAsync("claims", lease: 0.5);
        var old = new StoreBatch { Term = await first.ClaimAsync("one", Token) };
        await using var second = await PostgresOrchestratorStore.OpenAsync(_last!, Options(0.5), Token);
        var waiting = second.ClaimAsync("two", Token).AsTask();
        await first.RenewAsync(old.Term, Token);
        Assert.False(waiting.IsCompleted);

        Assert.Equal(old.Term + 1, await waiting);
        old.Pauses.Add(("d", true));
        Assert.Equal(
            ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await first.CommitAsync(old, Token)))
                .Kind);
        await second.ReleaseAsync(old.Term + 1, Token);
        Assert.Equal(old.Term + 2, await first.ClaimAsync("one", Token));
    }

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
        await using var store = await OpenAsync("cut");
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
            await Task.Delay(TimeSpan.FromMilliseconds(60), TimeProvider.System, Token);
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

    private async Task<PostgresOrchestratorStore> OpenAsync(string database, double lease = 15)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        _last = await server.NewDatabaseAsync(database);
        return await PostgresOrchestratorStore.OpenAsync(_last, Options(lease), Token);
    }

    private static PostgresOrchestratorOptions Options(double lease) => new() { Lease = TimeSpan.FromSeconds(lease) };
}
