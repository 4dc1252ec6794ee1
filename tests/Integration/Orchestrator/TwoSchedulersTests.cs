using System.Diagnostics;
using System.Globalization;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using Npgsql;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>
/// Two scheduler processes on one database, one clock five seconds wrong, killed and frozen in turn. By (run, task, map index, try) a body
/// starts
/// at most once, and every task of every ended run has exactly one final state.
/// </summary>
public sealed class TwoSchedulersTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("DP_FAULT_ROUNDS") ?? "8",
        CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_body_starts_twice_for_one_try_whatever_happens_to_the_schedulers()
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var seed = Environment.TickCount;
        Console.WriteLine($"two schedulers: {Rounds} rounds, seed {seed}");
        var random = new Random(seed);
        var database = await server.NewDatabaseAsync("two");
        await using var source = NpgsqlDataSource.Create(database);
        await ExecuteAsync(
            source, "CREATE TABLE effect (run_id bigint, task_id text, map_index int, try int, epoch bigint, at timestamptz DEFAULT clock_timestamp())");
        await using var store = await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token);
        Process[] nodes = [Start(database, 0), Start(database, 5)];
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400, 2_000)), TimeProvider.System, Token);
                var victim = random.Next(2);
                if (random.Next(2) == 0)
                {
                    await SignalAsync("KILL", nodes[victim]);
                    await nodes[victim].WaitForExitAsync(Token);
                    nodes[victim] = Start(database, victim * 5);
                }
                else
                {
                    await SignalAsync("STOP", nodes[victim]);
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_000, 2_500)), TimeProvider.System, Token);
                    await SignalAsync("CONT", nodes[victim]);
                }
            }

            var before = await EndedAsync(source);
            await UntilAsync(async () => await EndedAsync(source) >= before + 3);
        }
        finally
        {
            foreach (var node in nodes)
            {
                node.Kill(entireProcessTree: true);
                await node.WaitForExitAsync(CancellationToken.None);
            }
        }

        await CheckAsync(source, store);
    }

    private static async Task CheckAsync(NpgsqlDataSource source, PostgresOrchestratorStore store)
    {
        Assert.Equal(
            0L, await CountAsync(
                source, "SELECT count(*) FROM (SELECT 1 FROM effect GROUP BY run_id, task_id, map_index, try HAVING count(*) > 1) AS twice"));
        Assert.InRange(await CountAsync(source, "SELECT count(*) FROM effect"), 20, long.MaxValue);
        Assert.Equal(
            0L, await CountAsync(
                source, "SELECT count(*) FROM (SELECT logical_date FROM orchestrator.run WHERE kind = 0 GROUP BY logical_date HAVING count(*) > 1) AS twice"));
        var ended = (await store.ListRunsAsync(new RunQuery { Limit = 1000 }, Token)).Where(run => run.State.IsFinal()).ToList();
        Assert.NotEmpty(ended);
        foreach (var run in ended)
        {
            Assert.Equal(DagRunState.Success, run.State);
            var tasks = await store.ListTaskInstancesAsync(run.Id, Token);
            Assert.Equal(["each", "each", "each", "each", "end", "flaky", "list", "start"], tasks.Select(task => task.TaskId)
                .Order(StringComparer.Ordinal));
            Assert.All(tasks, task => Assert.Equal(TaskState.Success, task.State));
        }

        Console.WriteLine(
            $"two schedulers: {ended.Count} runs ended, {await CountAsync(source, "SELECT term FROM orchestrator.scheduler")} terms");
    }

    private static Process Start(string database, int skew)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "DataPlatform.Integration.OrchestratorNode.dll");
        var node = Process.Start(
            new ProcessStartInfo(
                "dotnet", [file, database, skew.ToString(CultureInfo.InvariantCulture)])
            { RedirectStandardOutput = true })!;
        node.BeginOutputReadLine();
        return node;
    }

    private static async Task SignalAsync(string signal, Process process)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync(Token);
    }

    private static Task<long> EndedAsync(NpgsqlDataSource source) =>
        CountAsync(source, "SELECT count(*) FROM orchestrator.run WHERE state >= 2");

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
