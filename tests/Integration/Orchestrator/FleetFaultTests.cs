using System.Globalization;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>
/// Scheduler processes that all work at once on one database, one clock five seconds wrong, killed, frozen and cut off in turn. By (run, task,
/// map index, try) there is at most one start, every task has exactly one final state, the pool is never over, and every run ends.
/// </summary>
public sealed class FleetFaultTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    /// <summary>Rounds of each test; <c>DP_FAULT_ROUNDS=60</c> for a soak.</summary>
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("DP_FAULT_ROUNDS") ?? "8", CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Schedulers_start_and_end_each_try_once_whatever_happens_to_them(int schedulers)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var seed = int.Parse(
            Environment.GetEnvironmentVariable("DP_FAULT_SEED") ?? Environment.TickCount.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        Console.WriteLine($"{schedulers} schedulers: {Rounds} rounds, seed {seed}");
        var random = new Random(seed);
        var database = await server.NewDatabaseAsync($"fleet{schedulers}");
        await using var source = NpgsqlDataSource.Create(database);
        await using var store = await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token);
        await History.BeginAsync(source, Token);
        var nodes = Enumerable.Range(0, schedulers).Select(i => Start(database, i, fires: true)).ToArray();
        await UntilAsync(async () => await OwnedAsync(source) == 4);
        await using var front = new OrchestratorEngine(store, [], options: new OrchestratorOptions { IsScheduler = false });
        await front.StartAsync(Token);
        var asked = new List<Task<long>>();
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                asked.Add(front.TriggerAsync($"d{round % 4}", idempotencyKey: $"round {round}", cancellationToken: Token));
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 1_500)), TimeProvider.System, Token);
                await HurtAsync(random, nodes, database, source);
            }

            await FinishAsync(nodes, database, source, asked);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }

        await CheckAsync(source, store, asked);
    }

    private static async Task HurtAsync(Random random, NodeProcess[] nodes, string database, NpgsqlDataSource source)
    {
        Assert.True(nodes.All(node => node.Death is null), string.Join('\n', nodes.Select(node => node.Death)));
        var victim = random.Next(nodes.Length);
        switch (random.Next(5))
        {
            case 0 or 1:
                await nodes[victim].SignalAsync("KILL");
                await nodes[victim].DisposeAsync();
                nodes[victim] = Start(database, victim, fires: true);
                break;
            case 2 or 3:
                await nodes[victim].SignalAsync("STOP");
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 3_000)), TimeProvider.System, Token);
                await nodes[victim].SignalAsync("CONT");
                break;
            default:
                await History.CountAsync(
                    source,
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name <> 'effect'",
                    Token);
                break;
        }
    }

    /// <summary>Schedulers whose DAGs no longer fire take over, which are newer versions of the same DAGs, and end what is left.</summary>
    private static async Task FinishAsync(NodeProcess[] nodes, string database, NpgsqlDataSource source, List<Task<long>> asked)
    {
        Assert.True(nodes.All(node => node.Death is null), string.Join('\n', nodes.Select(node => node.Death)));
        await Task.WhenAll(asked);
        for (var i = 0; i < nodes.Length; i++)
        {
            await nodes[i].DisposeAsync();
            nodes[i] = Start(database, i, fires: false);
        }

        await UntilAsync(async () => await History.CountAsync(source, "SELECT count(*) FROM orchestrator.run WHERE state < 2", Token) == 0);
    }

    private static async Task CheckAsync(NpgsqlDataSource source, PostgresOrchestratorStore store, List<Task<long>> asked)
    {
        await History.CheckAsync(source, "three", 3, Token);
        var runs = await store.ListRunsAsync(new RunQuery { Limit = RunQuery.LimitMax }, Token);
        Assert.All(runs, run => Assert.Equal(DagRunState.Success, run.State));
        var ids = runs.Where(run => run.Kind == DagRunKind.Manual).Select(run => run.Id).Order().ToList();
        Assert.Equal(ids, (await Task.WhenAll(asked)).Order());
        foreach (var run in runs)
        {
            var tasks = await store.ListTaskInstancesAsync(run.Id, Token);
            Assert.Equal(
                ["each", "each", "each", "each", "end", "flaky", "list", "start"], tasks.Select(task => task.TaskId).Order(StringComparer.Ordinal));
            Assert.All(tasks, task => Assert.Equal(TaskState.Success, task.State));
        }

        Console.WriteLine(
            $"{runs.Count} runs ended, {await History.CountAsync(source, "SELECT last_value FROM orchestrator.scheduler_term", Token)} terms, " +
            $"{await History.CountAsync(source, "SELECT count(*) FROM orchestrator.task_try", Token)} tries tried again");
    }

    private static NodeProcess Start(string database, int number, bool fires) =>
        NodeProcess.Start(database, number == 1 ? "5" : "0", fires.ToString());

    private static Task<long> OwnedAsync(NpgsqlDataSource source) =>
        History.CountAsync(source, "SELECT count(*) FROM orchestrator.dag WHERE term IS NOT NULL", Token);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
