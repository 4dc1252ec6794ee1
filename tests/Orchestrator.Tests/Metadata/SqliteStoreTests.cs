using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Tests.Metadata;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-sqlite-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder, "sub", "o.db");

    [Fact]
    public async Task Everything_written_reads_back()
    {
        var dag = new DagBuilder("d").Schedule(Timetable.Cron("@daily")).Task("a", Nothing).Build();
        var fire = dag.Timetable.NextAfter(EngineHarness.Start)!.Value;
        var run = Run(1, dag) with
        {
            Changes = [new DatasetChange(new DatasetId("lake/a"), -1, 7)],
            Conf = """{"x":1}""",
            IdempotencyKey = "k",
            StartedAt = EngineHarness.Start,
            Note = "n",
        };
        var task = Task1(1) with
        {
            State = TaskState.RetryWait,
            Try = 2,
            Epoch = 3,
            Failures = 1,
            InfrastructureFailures = 1,
            WakeAt = EngineHarness.Start.AddTicks(10),
            Note = "t",
            Executor = "e"
        };
        var progress = new DatasetProgress("d", new DatasetId("lake/a"), 9, 7);
        await using (var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token))
        {
            var batch = new StoreBatch { Term = await store.ClaimAsync("me", Token) };
            await store.RegisterAsync([dag], EngineHarness.Start, Token);
            batch.Runs.Add(run);
            batch.Tasks.Add(task);
            batch.Tries.Add(task with { Try = 1 });
            batch.XComs.Add(new XComValue(task.Key, "a", "k", "5"));
            batch.Fires.Add(("d", fire));
            batch.Pauses.Add(("d", true));
            batch.Datasets.Add(progress);
            await store.CommitAsync(batch, Token);
        }

        await using var again = await SqliteOrchestratorStore.OpenReadOnlyAsync(FilePath, cancellationToken: Token);
        var work = await again.LoadUnfinishedAsync(null, Token);
        Assert.Equivalent(run, Assert.Single(work.Runs), strict: true);
        Assert.Equal(task, Assert.Single(work.Tasks));
        Assert.Equal("5", Assert.Single(work.XComs).Json);
        Assert.Equal(progress, Assert.Single(work.Datasets));
        Assert.Equal(2, work.NextRunId);
        Assert.Equal(new DagRecord
        {
            Id = "d",
            Hash = dag.Hash,
            Model = dag.Model,
            RegisteredAt = EngineHarness.Start,
            IsPaused = true,
            LastFire = fire
        }, Assert.Single(await again.ListDagsAsync(Token)));
        Assert.Equal(1, (await again.ListTriesAsync(1, Token)).Single().Try);
        Assert.Equal(1, (await again.FindRunAsync("d", "k", Token))!.Id);
        Assert.Equal(dag.Model, await again.FindModelAsync(dag.Hash, Token));
        await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await again.ClaimAsync("x", Token));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_by_page_and_filter()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Build();
        await using var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
        var batch = new StoreBatch { Term = await store.ClaimAsync("me", Token) };
        batch.Runs.AddRange(
            Enumerable.Range(1, 25).Select(i => Run(i, dag) with
            {
                DagId = i % 2 == 0 ? "d" : "e",
                State = i > 20 ? DagRunState.Running
                : DagRunState.Success
            }));
        await store.CommitAsync(batch, Token);

        var first = await store.ListRunsAsync(new RunQuery { DagId = "d", Limit = 5 }, Token);
        var second = await store.ListRunsAsync(new RunQuery { DagId = "d", Limit = 5, BeforeId = first[^1].Id }, Token);

        Assert.Equal([24, 22, 20, 18, 16], first.Select(run => run.Id));
        Assert.Equal([14, 12, 10, 8, 6], second.Select(run => run.Id));
        Assert.Equal([25, 24, 23, 22, 21], (await store.ListRunsAsync(new RunQuery { State = DagRunState.Running }, Token))
            .Select(run => run.Id));
    }

    [Fact]
    public async Task A_store_that_was_disposed_leaves_its_file_and_the_lock_beside_it()
    {
        await using (var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token))
        {
            await store.ClaimAsync("me", Token);
            await store.RegisterAsync([new DagBuilder("d").Task("a", Nothing).Build()], EngineHarness.Start, Token);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await store.ListDagsAsync(Token))));
            Assert.Contains("o.db-wal", Files());
        }

        Assert.Equal(["o.db", "o.db.lock"], Files());
        await using (var reader = await SqliteOrchestratorStore.OpenReadOnlyAsync(FilePath, cancellationToken: Token))
        {
            Assert.Equal("d", Assert.Single(await reader.ListDagsAsync(Token)).Id);
        }

        IEnumerable<string?> Files() => Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(null, "run_by_state")]
    [InlineData("d", "run_of_dag_by_state")]
    public async Task Runs_of_a_state_are_found_by_an_index_in_their_order(string? dagId, string index)
    {
        await using var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
        await using var connection = new SqliteConnection($"Data Source={FilePath};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + StoreSql.Runs(new RunQuery { State = DagRunState.Failed, DagId = dagId }).Sql;
        foreach (var (name, value) in new (string, object)[] { ("@State", 3L), ("@DagId", "d"), ("@Limit", 50) })
        {
            command.Parameters.AddWithValue(name, value);
        }

        await using var plan = await command.ExecuteReaderAsync(Token);
        Assert.True(await plan.ReadAsync(Token));
        Assert.Contains($"USING INDEX {index} (", plan.GetString(3), StringComparison.Ordinal);
        Assert.False(await plan.ReadAsync(Token));
    }

    [Fact]
    public async Task A_second_process_is_refused_as_scheduler_but_may_read()
    {
        await using var first = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
        await first.ClaimAsync("one", Token);
        await using var second = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);

        var error = await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await second.ClaimAsync("two", Token));

        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Contains("another process", error.Message, StringComparison.Ordinal);
        Assert.Empty(await second.ListDagsAsync(Token));
    }

    [Fact]
    public async Task A_batch_of_an_old_term_is_refused_whole()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Build();
        await using var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
        var old = new StoreBatch { Term = await store.ClaimAsync("one", Token) };
        await store.ClaimAsync("one", Token);
        old.Runs.Add(Run(1, dag));

        Assert.Equal(
            ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await store.CommitAsync(old, Token)))
                .Kind);
        Assert.Empty(await store.ListRunsAsync(new RunQuery(), Token));
    }

    [Fact]
    public async Task A_batch_that_breaks_a_rule_of_the_schema_leaves_nothing()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Build();
        await using var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
        var batch = new StoreBatch { Term = await store.ClaimAsync("one", Token) };
        batch.Runs.Add(Run(1, dag) with { Kind = DagRunKind.Scheduled });
        batch.Runs.Add(Run(2, dag) with { Kind = DagRunKind.Scheduled });

        Assert.Equal(
            ErrorKind.Conflict, (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await store.CommitAsync(batch, Token)))
                .Kind);
        Assert.Empty(await store.ListRunsAsync(new RunQuery(), Token));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_and_left_alone()
    {
        await (await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token)).DisposeAsync();
        Execute(FilePath, "PRAGMA user_version = 999");

        var error = await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await SqliteOrchestratorStore.OpenAsync(
            FilePath, cancellationToken: Token));

        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains("schema version 999", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "schema version 999",
                (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await SqliteOrchestratorStore.OpenReadOnlyAsync(
                    FilePath, cancellationToken: Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        Execute(FilePath, "CREATE TABLE orders (id INTEGER)");
        var before = await File.ReadAllBytesAsync(FilePath, Token);
        Assert.Contains(
            "something else",
                (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await SqliteOrchestratorStore.OpenAsync(
                    FilePath, cancellationToken: Token))).Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath, Token));

        var text = Path.Combine(_folder, "x.txt");
        await File.WriteAllTextAsync(text, string.Concat(Enumerable.Repeat("not a database ", 500)), Token);
        Assert.Equal(
            ErrorKind.Corrupt,
                (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await SqliteOrchestratorStore.OpenAsync(
                    text, cancellationToken: Token))).Kind);
        Assert.Contains(
            "no orchestrator store",
                (await Assert.ThrowsAsync<OrchestratorStoreException>(async () => await SqliteOrchestratorStore.OpenReadOnlyAsync(
                    text + "x", cancellationToken: Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_survives_a_restart_and_numbers_go_on()
    {
        var dag = new DagBuilder("d").Task("a", Nothing).Build();
        for (var i = 1; i <= 3; i++)
        {
            await using var store = await SqliteOrchestratorStore.OpenAsync(FilePath, cancellationToken: Token);
            await using var engine = await EngineHarness.StartAsync([dag], store);
            Assert.Equal(i, (await engine.RunAsync("d")).Id);
            Assert.Equal(i, (await engine.RunsAsync("d")).Count);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static DagRun Run(long id, Dag dag) => new()
    {
        Id = id,
        DagId = dag.Id,
        DagHash = dag.Hash,
        Kind = DagRunKind.Manual,
        State = DagRunState.Running,
        Interval = DataInterval.At(EngineHarness.Start),
        LogicalDate = EngineHarness.Start,
        RunAfter = EngineHarness.Start,
        CreatedAt = EngineHarness.Start,
    };

    private static TaskInstance Task1(long runId) => new() { Key = new TaskKey(runId, 0), TaskId = "a" };
}
