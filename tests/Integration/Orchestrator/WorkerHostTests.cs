using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Integration.Orchestrator;

/// <summary>The example of the README: a process of the user's own runs the code of its DAGs, and another one schedules them.</summary>
public sealed class WorkerHostTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_with_code_runs_what_a_scheduler_without_it_queues()
    {
        Assert.SkipWhen(server.SkipReason is not null, server.SkipReason ?? string.Empty);
        var database = await server.NewDatabaseAsync("worker_host");

        // The worker: any host, with its own services. Its DAG's code uses one of them.
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new Greeting("hello"));
        builder.Services.AddOrchestratorWorker(worker =>
        {
            worker.ConnectionString = database;
            worker.Worker = new RemoteWorkerOptions { Queues = ["code"], Slots = 4, DrainTimeout = TimeSpan.FromSeconds(10) };
            worker.Dags = services => [DagOf(services.GetRequiredService<Greeting>().Text)];
        });
        using var host = builder.Build();
        await host.StartAsync(Token);

        // The scheduler: the same DAG, whose code never runs here.
        await using var store = await PostgresOrchestratorStore.OpenAsync(database, cancellationToken: Token);
        await using var remote = new RemoteExecutor(store);
        await using var engine = new OrchestratorEngine(store, [DagOf("never")], remote);
        await engine.StartAsync(Token);
        var run = await engine.WaitForRunAsync(await engine.TriggerAsync("greets", new { name = "Ada" }, cancellationToken: Token), Token);

        Assert.Equal(DagRunState.Success, run.State);
        Assert.Equal("\"hello Ada, task greet\"", (await store.ListXComsAsync(run.Id, Token)).Single(value => value.TaskId == "greet").Json);
        await host.StopAsync(Token);
    }

    [Fact]
    public void Worker_without_a_place_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddOrchestratorWorker(_ => { }));
    }

    private static Dag DagOf(string greeting) => new DagBuilder("greets").Param("name", ParamType.String)
        .Task("greet", (context, _) => Task.FromResult($"{greeting} {context.Param<string>("name")}, task {context.TaskId}"), task => task.Queue("code"))
        .Build();

    private sealed record Greeting(string Text);
}
