using DataPlatform.Kernel;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>A success updates its outlets for DAGs of other schedulers too, wherever its own scheduler dies, and starts each of them once.</summary>
public sealed class UpdateTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly DatasetId Mart = new("lake/mart");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Dag Load => new DagBuilder("load").Task("load", (_, _) => Task.CompletedTask, task => task.Outlets(Mart)).Build();

    private static Dag Waits => new DagBuilder("waits").OnDataset(Mart).Task("use", (_, _) => Task.CompletedTask).Build();

    /// <summary>The scheduler of the success dies in the moment its commit is done. Whether or not it knew who waits, the other one finds the update.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scheduler_that_dies_with_the_commit_of_a_success_loses_no_update(bool knowsWhoWaits)
    {
        var database = await NewDatabaseAsync($"dies_{knowsWhoWaits}".ToLowerInvariant());
        await using var source = NpgsqlDataSource.Create(database);
        await using var inner = await OpenAsync(database);
        var first = new OrchestratorEngine(MortalStore.Of(inner, IsSuccess), knowsWhoWaits ? [Load, Waits] : [Load]);
        await first.StartAsync(Token);
        await using var store = await OpenAsync(database);
        await using var other = new OrchestratorEngine(store, knowsWhoWaits ? [Load, Waits] : [Waits]);
        await other.StartAsync(Token);
        await UntilAsync(async () => await History.CountAsync(
            source,
            "SELECT count(*) FROM orchestrator.dag WHERE (id = 'load' AND term = (SELECT min(term) FROM orchestrator.scheduler)) " +
            "OR (id = 'waits' AND term = (SELECT max(term) FROM orchestrator.scheduler))",
            Token) == 2 && first.OwnedDagCount == 1 && other.OwnedDagCount == 1);

        await first.TriggerAsync("load", cancellationToken: Token);

        var run = Assert.Single(await RunsAsync(store, 1));
        Assert.Equal((Mart, true), (run.Changes[0].Dataset, DatasetUpdate.Is(run.Changes[0].Version)));
        Assert.Single((await store.ListRunsAsync(new RunQuery { DagId = "load" }, Token)), load => load.State == DagRunState.Success);
        await DisposeDeadAsync(first);
    }

    /// <summary>Nobody schedules the DAG that waits when the update is made, nor when its scheduler dies.</summary>
    [Fact]
    public async Task Whoever_takes_a_dag_up_finds_what_was_updated_meanwhile_and_starts_it_once()
    {
        var database = await NewDatabaseAsync("taken_up");
        await using var store = await OpenAsync(database);
        await using (var registers = new OrchestratorEngine(store, [Waits]))
        {
            await registers.StartAsync(Token);
        }

        await using var inner = await OpenAsync(database);
        var dies = new OrchestratorEngine(MortalStore.Of(inner, IsSuccess), [Load]);
        await dies.StartAsync(Token);
        await dies.TriggerAsync("load", cancellationToken: Token);
        await UntilAsync(async () => (await store.ListUpdatesAsync([Mart], Token)).Count == 1);

        await using (var heir = new OrchestratorEngine(store, [Load, Waits]))
        {
            await heir.StartAsync(Token);
            Assert.Single(await RunsAsync(store, 1));
        }

        await using (var next = new OrchestratorEngine(store, [Load, Waits]))
        {
            await next.StartAsync(Token);
            await next.WaitForRunAsync(await next.TriggerAsync("load", cancellationToken: Token), Token);

            // Had the first update started it again, the second would come on top of that.
            var runs = await RunsAsync(store, 2);
            Assert.Equal(2, runs.Count);
            Assert.Equal(runs[1].Changes[0].Version, runs[0].Changes[0].AfterVersion);
        }

        await DisposeDeadAsync(dies);
    }

    /// <summary>A transaction may commit after one that began later: who looked in between must not pass it over.</summary>
    [Fact]
    public async Task An_update_that_commits_late_is_seen_by_the_next_look()
    {
        var database = await NewDatabaseAsync("late");
        await using var store = await OpenAsync(database);
        await using var source = NpgsqlDataSource.Create(database);
        await using var late = await source.OpenConnectionAsync(Token);
        await using var transaction = await late.BeginTransactionAsync(Token);
        var start = await store.Fleet.ListUpdatesAsync(null, Token);
        await WriteAsync(late, "lake/late", 1);
        await using (var other = await source.OpenConnectionAsync(Token))
        {
            await WriteAsync(other, "lake/other", 2);
        }

        var look = await store.Fleet.ListUpdatesAsync(start.Next, Token);
        Assert.Equal(["lake/other"], look.Updates.Select(update => update.Version.Dataset.Name));
        await transaction.CommitAsync(Token);
        look = await store.Fleet.ListUpdatesAsync(look.Next, Token);
        Assert.Contains(look.Updates, update => update.Version == new DatasetVersion(new DatasetId("lake/late"), 1));
        Assert.Empty((await store.Fleet.ListUpdatesAsync(look.Next, Token)).Updates);

        static async Task WriteAsync(NpgsqlConnection connection, string dataset, long version)
        {
            await using var command = new NpgsqlCommand(
                "INSERT INTO orchestrator.dataset_update VALUES ($1, $2, NULL, 0, pg_current_xact_id()::text::bigint)", connection);
            command.Parameters.AddWithValue(dataset);
            command.Parameters.AddWithValue(version);
            await command.ExecuteNonQueryAsync(Token);
        }
    }

    private static bool IsSuccess(StoreBatch batch) => batch.Tasks.Exists(task => task is { TaskId: "load", State: TaskState.Success });

    /// <summary>Runs of the DAG that waits, newest first, once there are so many and all have ended.</summary>
    private static async Task<IReadOnlyList<DagRun>> RunsAsync(PostgresOrchestratorStore store, int count)
    {
        IReadOnlyList<DagRun> runs = [];
        await UntilAsync(async () =>
        {
            runs = await store.ListRunsAsync(new RunQuery { DagId = "waits" }, Token);
            return runs.Count >= count && runs.All(run => run.State.IsFinal());
        });
        return runs;
    }

    /// <summary>What is left of it in memory ends; in the store it died.</summary>
    private static async Task DisposeDeadAsync(OrchestratorEngine engine)
    {
        try
        {
            await engine.DisposeAsync();
        }
        catch (OrchestratorStoreException)
        {
            // It cannot give its term back.
        }
    }

    private async Task<string> NewDatabaseAsync(string name)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        return await server.NewDatabaseAsync($"updates_{name}");
    }

    /// <summary>Without signals, so that nothing reaches the others but what lies in the store.</summary>
    private static Task<PostgresOrchestratorStore> OpenAsync(string database) =>
        PostgresOrchestratorStore.OpenAsync(database, new PostgresOrchestratorOptions { UsesNotify = false, Lease = TimeSpan.FromSeconds(3) }, Token);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
