using System.Net;
using System.Net.Sockets;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using Microsoft.Data.Sqlite;

namespace DataPlatform.EndToEnd.Dags;

/// <summary><c>dp dag serve</c> as its user runs it, over a SQLite file.</summary>
public sealed class DagServeTests : IDisposable
{
    private const string Ship = """
        dag: ship
        tasks:
          pack: { command: [sh, -c, "echo packed by try $DP_TRY"] }
          send: { command: [echo, "{{ xcom.pack }} and sent"], after: pack }
        """;

    /// <summary>Its first try runs until it is released, in a file so that a killed process's child does not stay for ever; the second one ends.</summary>
    private const string Held = """
        dag: held
        tasks:
          wait: { command: [sh, -c, "touch started.$DP_TRY; while [ $DP_TRY = 1 ] && [ ! -e release ]; do sleep 0.1; done; echo try $DP_TRY"] }
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        File.WriteAllText(At("release"), string.Empty);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_dag_in_yaml_is_run_by_rest_and_its_run_is_there_after_a_clean_stop_and_a_start(string signal)
    {
        var (store, file) = (At("o.db"), await WrittenAsync("ship.yaml", Ship));
        long runId;
        using (var first = await ServedProcess.ServeAsync(Token, store, file))
        {
            Assert.SkipUnless(signal != "INT" || first.HearsInterrupt, "CTRL-C WAS NOT TESTED: the tests were started in the background, deaf to it.");
            runId = await first.TriggerAsync("ship", Token);
            Assert.Equal("Success", await first.EndOfAsync(runId, Token));
            Assert.Contains("packed by try 1 and sent", await first.LogAsync(runId, "send", Token), StringComparison.Ordinal);
            Assert.Equal("subprocess", (await first.TaskAsync(runId, "pack", Token)).GetProperty("executor").GetString());

            await first.SignalAsync(signal, Token);

            Assert.True(await first.EndAsync(Token) == 0, first.Output);
            Assert.DoesNotContain("   at ", first.Output, StringComparison.Ordinal);
        }

        using var second = await ServedProcess.ServeAsync(Token, store, file);
        Assert.Equal("Success", await second.EndOfAsync(runId, Token));
        Assert.Contains("packed by try 1 and sent", await second.LogAsync(runId, "send", Token), StringComparison.Ordinal);
        Assert.NotEqual(runId, await second.TriggerAsync("ship", Token));
    }

    [Fact]
    public async Task A_process_whose_scheduler_stopped_ends_with_an_error_instead_of_showing_pages()
    {
        var (store, file) = (At("o.db"), await WrittenAsync("ticks.yaml", "{ dag: ticks, schedule: { every: 1s }, tasks: { a: { command: [echo, a] } } }"));
        using var served = await ServedProcess.ServeAsync(Token, store, file);
        await using (var connection = new SqliteConnection($"Data Source={store};Pooling=False"))
        {
            await connection.OpenAsync(Token);
            await using var drop = connection.CreateCommand();
            drop.CommandText = "DROP TABLE run";
            await drop.ExecuteNonQueryAsync(Token);
        }

        Assert.True(await served.EndAsync(Token) == 1, served.Output);
        Assert.Contains("Nothing is scheduled any more", served.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_process_ran_is_tried_again_by_the_next_and_counts_as_no_failure_of_the_command()
    {
        var (store, file) = (At("o.db"), await WrittenAsync("held.yaml", Held.Replace("started", At("started"), StringComparison.Ordinal)
            .Replace("-e release", "-e " + At("release"), StringComparison.Ordinal)));
        long runId;
        using (var first = await ServedProcess.ServeAsync(Token, store, file))
        {
            runId = await first.TriggerAsync("held", Token);
            await first.UntilAsync(() => Task.FromResult(File.Exists(At("started.1"))), "the first try to start", Token);
            await first.KillAsync(Token);
        }

        using var second = await ServedProcess.ServeAsync(Token, store, file);

        Assert.Equal("Success", await second.EndOfAsync(runId, Token));
        var task = await second.TaskAsync(runId, "wait", Token);
        Assert.Equal((2, 0, 1), (task.GetProperty("try").GetInt32(), task.GetProperty("failures").GetInt32(), task.GetProperty("infrastructureFailures").GetInt32()));
        Assert.Contains("try 2", await second.LogAsync(runId, "wait", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_without_dags_shows_and_steers_what_another_one_runs()
    {
        var (store, file) = (At("o.db"), await WrittenAsync("ship.yaml", Ship));
        using var scheduler = await ServedProcess.ServeAsync(Token, store, file, "--pool", "db=4:sessions = of: the warehouse");
        using var front = await ServedProcess.ServeAsync(Token, store);

        var runId = await front.TriggerAsync("ship", Token);

        Assert.Equal("Success", await front.EndOfAsync(runId, Token));
        Assert.Contains("packed by try 1", await front.LogAsync(runId, "send", Token), StringComparison.Ordinal);
        Assert.Contains("nothing: another process does", front.Output, StringComparison.Ordinal);
        Assert.Equal(400, await front.StatusAsync(HttpMethod.Put, "pools/default", new { slots = 3 }, Token));
        Assert.Equal(204, await scheduler.StatusAsync(HttpMethod.Put, "pools/db", new { slots = 3 }, Token));
        Assert.Contains("sessions = of: the warehouse", (await scheduler.GetAsync("pools", Token)).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_of_a_task_reads_tables_of_a_lake_by_their_names()
    {
        var id = new StructField("id", DeltaType.Long);
        var table = await DeltaTable.CreateAsync(new LocalObjectStore(At("lake/orders")), DeltaType.Struct(id), cancellationToken: Token);
        await using (var lake = LakeQuery.Open())
        {
            await lake.WriteAsync(table, "select i::bigint as id from range(7) as t (i)", new WriteOptions(), Token);
        }

        var file = await WrittenAsync("count.yaml", $$"""
            dag: count
            tasks:
              keep: { connection: lake, sql: "copy (select count(*) as n from orders where id >= 3) to '{{At("n.csv")}}'" }
              refused: { connection: lake, sql: "delete from orders" }
            """);
        using var served = await ServedProcess.ServeAsync(Token, At("o.db"), file, "--connection", "lake=lake:" + At("lake"));

        var runId = await served.TriggerAsync("count", Token);

        Assert.Equal("Failed", await served.EndOfAsync(runId, Token));
        Assert.Equal("Success", (await served.TaskAsync(runId, "keep", Token)).GetProperty("state").GetString());
        Assert.Equal("Failed", (await served.TaskAsync(runId, "refused", Token)).GetProperty("state").GetString());
        Assert.Equal(["n", "4"], await File.ReadAllLinesAsync(At("n.csv"), Token));
    }

    [Fact]
    public async Task Arguments_and_files_that_cannot_be_are_named_with_what_to_do()
    {
        var ship = await WrittenAsync("ship.yaml", Ship);
        var wrong = await WrittenAsync("wrong.yaml", Ship.Replace("after: pack", "after: park", StringComparison.Ordinal));
        var broken = await WrittenAsync("broken.yaml", "dag: ship\ntasks:\n  pack: { command: [sh\n");
        var pooled = await WrittenAsync("pooled.yaml", Ship.Replace("after: pack", "after: pack, pool: db", StringComparison.Ordinal));
        var remote = await WrittenAsync("remote.yaml", Ship.Replace("after: pack", "after: pack, executor: remote", StringComparison.Ordinal));

        await RefusedAsync(2, $"There is no file '{At("none.yaml")}'", At("o.db"), At("none.yaml"));
        await RefusedAsync(1, $"{wrong}(4,", At("o.db"), wrong);
        await RefusedAsync(1, $"{broken}(", At("o.db"), broken);
        await RefusedAsync(1, "wants pool 'db'", At("o.db"), pooled);
        await RefusedAsync(1, "wants executor 'remote'", At("o.db"), remote);
        await RefusedAsync(1, "DAG 'ship': it is registered twice", At("o.db"), ship, ship);
        await RefusedAsync(1, At("ship.yaml"), Path.Combine(ship, "o.db"), ship);
        await RefusedAsync(1, "is not a database", ship, ship);
        await RefusedAsync(2, "--pool takes name=slots", At("o.db"), ship, "--pool", "db");
        await RefusedAsync(2, "'sea' is no kind of database here", At("o.db"), ship, "--connection", "lake=sea:x");
        await RefusedAsync(2, "--worker-timeout takes more than 0", At("o.db"), ship, "--worker-timeout", "0");
        await RefusedAsync(2, "--port takes 0 to 65535", At("o.db"), ship, "--port", "70000");
        await RefusedAsync(2, "Required argument missing");
    }

    [Fact]
    public async Task A_store_of_a_newer_program_a_second_scheduler_and_a_port_in_use_are_refused()
    {
        var (store, file) = (At("o.db"), await WrittenAsync("ship.yaml", Ship));
        using (var first = await ServedProcess.ServeAsync(Token, store, file))
        {
            await RefusedAsync(1, $"another process schedules from '{store}'", store, file);
            await first.SignalAsync("TERM", Token);
            Assert.Equal(0, await first.EndAsync(Token));
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await RefusedAsync(1, "Give another with --port", store, file, "--port", $"{((IPEndPoint)listener.LocalEndpoint).Port}");

        await NewerAsync(store);
        await RefusedAsync(1, "has schema version 9999 and this program knows", store, file);
    }

    private static async Task NewerAsync(string store)
    {
        await using var connection = new SqliteConnection($"Data Source={store};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version = 9999";
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task RefusedAsync(int exitCode, string text, params string[] arguments)
    {
        string[] port = arguments.Contains("--port") ? [] : ["--port", "0"];
        using var served = ServedProcess.Start(["dag", "serve", .. arguments, .. port]);
        await served.RefusesAsync(exitCode, text, Token);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private async Task<string> WrittenAsync(string name, string text)
    {
        await File.WriteAllTextAsync(At(name), text, Token);
        return At(name);
    }
}
