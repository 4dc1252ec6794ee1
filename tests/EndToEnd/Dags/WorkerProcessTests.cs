using DataPlatform.TestKit.Postgres;
using Npgsql;

namespace DataPlatform.EndToEnd.Dags;

/// <summary><c>dp worker</c> beside <c>dp dag serve</c> over PostgreSQL: processes as their users run them, killed and stopped.</summary>
public sealed class WorkerProcessTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private const string Far = """
        dag: far
        tasks:
          first: { command: [sh, -c, "echo in a worker"], executor: remote, queue: q }
          then: { command: [echo, "{{ xcom.first }}, then here"], after: first }
        """;

    /// <summary>Its first try runs until it is released and a little longer, the second one ends at once.</summary>
    private const string Held = """
        dag: held
        tasks:
          wait: { executor: remote, command: [sh, -c, "touch AT/started.$DP_TRY; while [ $DP_TRY = 1 ] && [ ! -e AT/release ]; do sleep 0.1; done; sleep LINGER; echo try $DP_TRY"] }
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        File.WriteAllText(At("release"), string.Empty);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_task_runs_in_a_worker_with_its_log_where_the_pages_show_it_and_the_worker_stops_cleanly()
    {
        var place = await PlaceAsync("e2e_worker");
        using var serving = await ServeAsync(place, "far.yaml", Far);
        using var worker = await WorkAsync(place, "--queue", "q");

        var runId = await serving.TriggerAsync("far", Token);

        Assert.Equal("Success", await serving.EndOfAsync(runId, Token));
        Assert.Equal("remote", (await serving.TaskAsync(runId, "first", Token)).GetProperty("executor").GetString());
        Assert.Contains("in a worker", await serving.LogAsync(runId, "first", Token), StringComparison.Ordinal);
        Assert.Contains("in a worker, then here", await serving.LogAsync(runId, "then", Token), StringComparison.Ordinal);
        await worker.SignalAsync("TERM", Token);
        Assert.True(await worker.EndAsync(Token) == 0, worker.Output);
        Assert.Contains("Stopping; 0 tries", worker.Output, StringComparison.Ordinal);
        await serving.SignalAsync("TERM", Token);
        Assert.True(await serving.EndAsync(Token) == 0, serving.Output);
    }

    [Fact]
    public async Task A_killed_worker_loses_its_try_to_another_one()
    {
        var place = await PlaceAsync("e2e_killed");
        using var serving = await ServeAsync(place, "held.yaml", Held.Replace("LINGER", "0", StringComparison.Ordinal), "--worker-timeout", "3");
        using var first = await WorkAsync(place, "--timeout", "3");
        var runId = await serving.TriggerAsync("held", Token);
        await first.UntilAsync(() => Task.FromResult(File.Exists(At("started.1"))), "the first try to start", Token);

        await first.KillAsync(Token);
        using var second = await WorkAsync(place, "--timeout", "3");

        Assert.Equal("Success", await serving.EndOfAsync(runId, Token));
        var task = await serving.TaskAsync(runId, "wait", Token);
        Assert.Equal((2, 0, 1), (task.GetProperty("try").GetInt32(), task.GetProperty("failures").GetInt32(), task.GetProperty("infrastructureFailures").GetInt32()));
        Assert.Contains("try 2", await serving.LogAsync(runId, "wait", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_lets_its_try_end_and_a_second_signal_ends_it_at_once()
    {
        var place = await PlaceAsync("e2e_drain");
        using var serving = await ServeAsync(place, "held.yaml", Held.Replace("LINGER", "4", StringComparison.Ordinal));
        using var worker = await WorkAsync(place, "--drain", "600");
        var runId = await serving.TriggerAsync("held", Token);
        await worker.UntilAsync(() => Task.FromResult(File.Exists(At("started.1"))), "the try to start", Token);

        await worker.SignalAsync("TERM", Token);
        await worker.SaysAsync("Stopping; 1 tries may go on", Token);
        await File.WriteAllTextAsync(At("release"), string.Empty, Token);

        Assert.True(await worker.EndAsync(Token) == 0, worker.Output);
        Assert.Equal("Success", await serving.EndOfAsync(runId, Token));
        Assert.Equal(1, (await serving.TaskAsync(runId, "wait", Token)).GetProperty("try").GetInt32());

        File.Delete(At("release"));
        File.Delete(At("started.1"));
        using var impatient = await WorkAsync(place, "--drain", "600");
        await serving.TriggerAsync("held", Token);
        await impatient.UntilAsync(() => Task.FromResult(File.Exists(At("started.1"))), "the try to start", Token);
        await impatient.SignalAsync("TERM", Token);
        await impatient.SaysAsync("Stopping; 1 tries", Token);
        await impatient.SignalAsync("TERM", Token);
        Assert.Equal(143, await impatient.EndAsync(Token));
    }

    [Fact]
    public async Task A_pool_that_is_made_by_rest_is_there_for_dags_of_the_next_start()
    {
        var place = await PlaceAsync("e2e_pools");
        const string Plain = "dag: plain\ntasks:\n  a: { command: [echo, hi] }\n";
        using (var first = await ServeAsync(place, "plain.yaml", Plain))
        {
            Assert.Equal(201, await first.StatusAsync(HttpMethod.Post, "pools", new { name = "db", slots = 2 }, Token));
            Assert.Equal(409, await first.StatusAsync(HttpMethod.Delete, "pools/default", null, Token));
            Assert.Equal(["db", "default"], await PoolsAsync(first));
            await first.SignalAsync("TERM", Token);
            Assert.Equal(0, await first.EndAsync(Token));
        }

        using var second = await ServeAsync(place, "pooled.yaml", Plain.Replace("hi]", "hi], pool: db", StringComparison.Ordinal));
        Assert.Equal("Success", await second.EndOfAsync(await second.TriggerAsync("plain", Token), Token));
        Assert.Equal(409, await second.StatusAsync(HttpMethod.Delete, "pools/db", null, Token));

        // A process that has no DAGs of its own finds that another one shares the pool.
        using var front = await ServedProcess.ServeAsync(Token, place);
        Assert.Equal(["db", "default"], await PoolsAsync(front));
        Assert.Equal(409, await front.StatusAsync(HttpMethod.Delete, "pools/db", null, Token));
        await second.SignalAsync("TERM", Token);
        Assert.Equal(0, await second.EndAsync(Token));
        Assert.Equal(204, await front.StatusAsync(HttpMethod.Delete, "pools/db", null, Token));
        Assert.Equal(["default"], await PoolsAsync(front));
    }

    [Fact]
    public async Task Arguments_and_stores_that_cannot_be_are_named()
    {
        var place = await PlaceAsync("e2e_refused");
        await RefusedAsync(2, "Option '--store' is required");
        await RefusedAsync(2, "--store takes a PostgreSQL connection string", "--store", "orchestrator.db");
        await RefusedAsync(2, "--slots takes 1 or more", "--store", place, "--slots", "0");
        await RefusedAsync(2, "--timeout takes more than 0", "--store", place, "--timeout", "0");
        await RefusedAsync(2, "--drain takes 0", "--store", place, "--drain", "-1");
        await RefusedAsync(2, "schema", "--store", place, "--schema", "a b");
        await RefusedAsync(1, "PostgreSQL did not do it", "--store", "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");

        using (var worker = await WorkAsync(place))
        {
            await worker.KillAsync(Token);
        }

        await using (var source = NpgsqlDataSource.Create(place))
        {
            await using var newer = source.CreateCommand("INSERT INTO orchestrator.schema_version VALUES (9999)");
            await newer.ExecuteNonQueryAsync(Token);
        }

        await RefusedAsync(1, "has version 9999 and this program knows", "--store", place);
        using var serving = ServedProcess.Start("dag", "serve", place, "--port", "0");
        await serving.RefusesAsync(1, "upgrade the program", Token);
    }

    private static async Task RefusedAsync(int exitCode, string text, params string[] arguments)
    {
        using var worker = ServedProcess.Start(["worker", .. arguments]);
        await worker.RefusesAsync(exitCode, text, Token);
    }

    private static async Task<IEnumerable<string?>> PoolsAsync(ServedProcess served) =>
        (await served.GetAsync("pools", Token)).EnumerateArray().Select(pool => pool.GetProperty("name").GetString());

    private async Task<ServedProcess> ServeAsync(string place, string name, string yaml, params string[] more)
    {
        await File.WriteAllTextAsync(At(name), yaml.Replace("AT/", _folder.Path + "/", StringComparison.Ordinal), Token);
        return await ServedProcess.ServeAsync(Token, [place, At(name), "--logs", At("logs"), .. more]);
    }

    private async Task<ServedProcess> WorkAsync(string place, params string[] more)
    {
        var worker = ServedProcess.Start(["worker", "--store", place, "--logs", At("logs"), .. more]);
        await worker.SaysAsync("Ctrl-C stops it.", Token);
        return worker;
    }

    private async Task<string> PlaceAsync(string database)
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        return await server.NewDatabaseAsync(database);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
