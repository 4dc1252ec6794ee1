using System.Diagnostics;
using System.Globalization;
using DataPlatform.Benchmarks.ResourceScheduler;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Postgres;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>Several schedulers on one PostgreSQL, and tries in remote workers. All in this process, so all share its cores with the database.</summary>
internal sealed class FleetSuite : IBenchmarkSuite
{
    private const int DagCount = 10;

    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    public string Name => "orchestrator-fleet";

    public string Description => "one, two and three schedulers on PostgreSQL, remote ready-to-start [--runs N]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var runs = arguments is ["--runs", var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 20;
        await using var server = await TemporaryPostgres.StartAsync();
        if (server is null)
        {
            await Console.Error.WriteLineAsync("There is no PostgreSQL on this machine: apt-get install -y postgresql.");
            return 2;
        }

        await SchedulersAsync(server, "warm_up", 1, 1, cancellationToken);
        var one = await SchedulersAsync(server, "one", 1, runs, cancellationToken);
        report.Add(new Figure("orchestrator-fleet", "postgres: 10 DAGs of 10 chains of 10, one scheduler", one, "tasks/s"));
        foreach (var count in new[] { 2, 3 })
        {
            var rate = await SchedulersAsync(server, $"of_{count}", count, runs, cancellationToken);
            report.Add(new Figure(
                "orchestrator-fleet", $"postgres: 10 DAGs of 10 chains of 10, {count} schedulers", rate, "tasks/s", "one scheduler", one));
        }

        await RemoteAsync(server, report, runs, cancellationToken);
        return 0;
    }

    /// <summary>Task life cycles a second over all schedulers.</summary>
    private static async Task<double> SchedulersAsync(
        TemporaryPostgres server, string schema, int schedulers, int runs, CancellationToken cancellationToken)
    {
        var dags = Enumerable.Range(0, DagCount).Select(DagOf).ToArray();
        var stores = new List<PostgresOrchestratorStore>();
        var engines = new List<OrchestratorEngine>();
        for (var i = 0; i < schedulers; i++)
        {
            stores.Add(await OpenAsync(server, schema, cancellationToken));
            engines.Add(new OrchestratorEngine(stores[i], dags, options: new OrchestratorOptions { Pools = { ["default"] = 64 } }));
            await engines[i].StartAsync(cancellationToken);
        }

        while (engines.Any(engine => engine.OwnedDagCount < DagCount / schedulers))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(dags.SelectMany((dag, i) => Enumerable.Range(0, runs).Select(async _ =>
        {
            var engine = engines[i % schedulers];
            var run = await engine.WaitForRunAsync(await engine.TriggerAsync(dag.Id, cancellationToken: cancellationToken), cancellationToken);
            Trace.Assert(run.State == DagRunState.Success, $"run {run.Id} ended as {run.State}");
        })));
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var (engine, store) in engines.Zip(stores))
        {
            await engine.DisposeAsync();
            await store.DisposeAsync();
        }

        return DagCount * runs * 100 / seconds;
    }

    private static async Task RemoteAsync(TemporaryPostgres server, BenchmarkReport report, int runs, CancellationToken cancellationToken)
    {
        var dag = DagOf(0);
        await using var store = await OpenAsync(server, "remote", cancellationToken);
        await using var workerStore = await OpenAsync(server, "remote", cancellationToken);
        await using var remote = new RemoteExecutor(store);
        await using var engine = new OrchestratorEngine(store, [dag], remote);
        await engine.StartAsync(cancellationToken);
        await using var worker = new RemoteWorker(workerStore, new TryHost([dag]), new RemoteWorkerOptions { Slots = 16 });
        await worker.StartAsync(cancellationToken);
        var waits = new List<double>();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < runs; i++)
        {
            var run = await engine.WaitForRunAsync(await engine.TriggerAsync(dag.Id, cancellationToken: cancellationToken), cancellationToken);
            var tasks = await store.ListTaskInstancesAsync(run.Id, cancellationToken);
            waits.AddRange(tasks.Select(task => (task.StartedAt!.Value - task.ReadyAt!.Value).TotalMilliseconds));
        }

        waits.Sort();
        report.Add(new Figure("orchestrator-fleet", "postgres: remote, 10 chains of 10, 16 slots", waits.Count / watch.Elapsed.TotalSeconds, "tasks/s"));
        report.Add(new Figure("orchestrator-fleet", "postgres: remote, ready to start, p50", waits[waits.Count / 2], "ms"));
        report.Add(new Figure("orchestrator-fleet", "postgres: remote, ready to start, p99", waits[waits.Count * 99 / 100], "ms"));
    }

    private static Task<PostgresOrchestratorStore> OpenAsync(TemporaryPostgres server, string schema, CancellationToken cancellationToken) =>
        PostgresOrchestratorStore.OpenAsync(
            server.ConnectionString, new PostgresOrchestratorOptions { Schema = "bench_" + schema }, cancellationToken);

    private static Dag DagOf(int number)
    {
        var builder = new DagBuilder($"d{number}");
        for (var i = 0; i < 100; i++)
        {
            var before = i % 10 == 0 ? null : $"t{i - 1}";
            builder.Task($"t{i}", Nothing, t => t.After(before is null ? [] : [before]));
        }

        return builder.Build();
    }
}
