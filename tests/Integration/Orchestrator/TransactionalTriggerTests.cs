using DataPlatform.Kernel;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>A run asked for in the caller's transaction is there when that committed, and only then.</summary>
public sealed class TransactionalTriggerTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly Dag Asked = new DagBuilder("d")
        .Task("a", (context, _) => Task.FromResult(context.Conf<Order>()?.Number ?? 0)).Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_is_made_when_the_caller_commits_and_not_when_he_rolls_back()
    {
        await using var place = await PlaceAsync("tx_both");
        await using var caller = NpgsqlDataSource.Create(place.Database);
        foreach (var number in new[] { 1, 2, 3, 3 })
        {
            await using var connection = await caller.OpenConnectionAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            var key = await PostgresTrigger.EnqueueAsync(
                transaction, "d", new Order(number), idempotencyKey: $"order {number}", cancellationToken: Token);
            Assert.Equal($"order {number}", key);
            await (number == 2 ? transaction.RollbackAsync(Token) : transaction.CommitAsync(Token));
        }

        Assert.Equal(3, await ConfOfAsync(place.Store, "order 3"));
        Assert.Equal(1, await ConfOfAsync(place.Store, "order 1"));
        Assert.Equal(2, (await place.Store.ListRunsAsync(new RunQuery(), Token)).Count);
    }

    [Fact]
    public async Task Unknown_dag_is_refused_inside_the_transaction()
    {
        await using var place = await PlaceAsync("tx_unknown");
        await using var connection = new NpgsqlConnection(place.Database);
        await connection.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);

        var error = await Assert.ThrowsAsync<OrchestratorException>(
            () => PostgresTrigger.EnqueueAsync(transaction, "nope", cancellationToken: Token));

        Assert.Contains("no DAG 'nope'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(
            () => PostgresTrigger.EnqueueAsync(transaction, "d", schema: "x; DROP TABLE y", cancellationToken: Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Caller_who_is_killed_gets_a_run_only_if_he_had_committed(bool commits)
    {
        await using var place = await PlaceAsync($"tx_kill_{(commits ? "after" : "before")}");
        await using var source = NpgsqlDataSource.Create(place.Database);
        await using (var create = source.CreateCommand("CREATE TABLE orders (id bigint)"))
        {
            await create.ExecuteNonQueryAsync(Token);
        }

        await KillAsync("postgres", place.Database, commits);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using (var last = await connection.BeginTransactionAsync(Token))
        {
            await PostgresTrigger.EnqueueAsync(last, "d", new Order(9), idempotencyKey: "last", cancellationToken: Token);
            await last.CommitAsync(Token);
        }

        // Commands are done in their order, so the killed one's is done by now if it is there.
        await ConfOfAsync(place.Store, "last");
        Assert.Equal(commits ? 1L : 0L, await History.CountAsync(source, "SELECT count(*) FROM orders", Token));
        Assert.Equal(commits, await place.Store.FindRunAsync("d", "order 1", Token) is not null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Caller_with_a_sqlite_file_who_is_killed_gets_a_run_only_if_he_had_committed(bool commits)
    {
        var folder = Directory.CreateTempSubdirectory("sqlite-trigger-").FullName;
        var file = Path.Combine(folder, "caller.db");
        await using (var caller = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await caller.OpenAsync(Token);
            Execute(caller, "PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER)");
        }

        await KillAsync("sqlite", file, commits);
        await using (var store = await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: Token))
        {
            await using var engine = new OrchestratorEngine(store, [Asked]);
            await engine.StartAsync(Token);
            await using var relay = new SqliteTriggerRelay(file, engine);
            await using (var caller = new SqliteConnection($"Data Source={file};Pooling=False"))
            {
                await caller.OpenAsync(Token);
                await using var transaction = caller.BeginTransaction();
                SqliteTriggerOutbox.Enqueue(transaction, "nope", idempotencyKey: "x");
                SqliteTriggerOutbox.Enqueue(transaction, "d", new Order(9), idempotencyKey: "last");
                await transaction.CommitAsync(Token);
            }

            relay.Wake();
            Assert.Equal(9, await ConfOfAsync(store, "last"));
            Assert.Equal(commits, await store.FindRunAsync("d", "order 1", Token) is not null);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task KillAsync(string store, string place, bool commits)
    {
        await using var caller = NodeProcess.Start("trigger", store, place, commits.ToString());
        await caller.Spoke.WaitAsync(Token);
        await caller.SignalAsync("KILL");
    }

    private static async Task<int> ConfOfAsync(IOrchestratorStore store, string key)
    {
        while (await store.FindRunAsync("d", key, Token) is not { State: DagRunState.Success } run ||
            (await store.ListXComsAsync(run.Id, Token)).Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        var found = await store.FindRunAsync("d", key, Token);
        return int.Parse((await store.ListXComsAsync(found!.Id, Token))[0].Json, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A text of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private async Task<Place> PlaceAsync(string name)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var database = await server.NewDatabaseAsync(name);
        var store = await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token);
        var engine = new OrchestratorEngine(store, [Asked]);
        await engine.StartAsync(Token);
        return new Place(database, store, engine);
    }

    private sealed record Order(int Number);

    private sealed record Place(string Database, PostgresOrchestratorStore Store, OrchestratorEngine Engine) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Engine.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}
