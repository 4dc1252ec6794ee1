using System.Diagnostics;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>Scheduling overhead: trivial tasks, so what is measured is the orchestrator and its store.</summary>
internal sealed class OrchestratorSuite : IBenchmarkSuite
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    public string Name => "orchestrator";

    public string Description => "task life cycles, Airflow's three 1,000-task scenes, fan-out, midnight [--store memory|sqlite]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var store = arguments is ["--store", var named, ..] ? named : "sqlite";
        if (store is not ("memory" or "sqlite"))
        {
            await Console.Error.WriteLineAsync($"There is no store '{store}' here: memory or sqlite.");
            return 2;
        }

        await SceneAsync(report, store, "warm-up", Grid(10, 10), runs: 1, cancellationToken);
        await SceneAsync(report, store, "100 chains of 10", Grid(100, 10), runs: 1, cancellationToken);
        await SceneAsync(report, store, "10 chains of 100", Grid(10, 100), runs: 1, cancellationToken);
        await SceneAsync(report, store, "binary tree of 1,000", Tree(1_000), runs: 1, cancellationToken);
        await SceneAsync(report, store, "fan-out and fan-in of 10,000", FanOut(10_000), runs: 1, cancellationToken);
        await SceneAsync(report, store, "50 runs of 100 chains of 10", Grid(100, 10), runs: 50, cancellationToken);
        await MidnightAsync(report, store, cancellationToken);
        return 0;
    }

    private static async Task SceneAsync(BenchmarkReport report, string kind, string name, Dag dag, int runs,
        CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, cancellationToken);
        await using var engine = new OrchestratorEngine(
            place.Store, [dag], options: new OrchestratorOptions { Pools = { ["default"] = 64 } });
        await engine.StartAsync(cancellationToken);
        var watch = Stopwatch.StartNew();
        var ids = new List<long>();
        for (var i = 0; i < runs; i++)
        {
            ids.Add(await engine.TriggerAsync(dag.Id, cancellationToken: cancellationToken));
        }

        foreach (var id in ids)
        {
            var run = await engine.WaitForRunAsync(id, cancellationToken);
            Trace.Assert(run.State == DagRunState.Success, $"run {id} ended as {run.State}");
        }

        var seconds = watch.Elapsed.TotalSeconds;
        if (name == "warm-up")
        {
            return;
        }

        var tasks = await place.Store.ListTaskInstancesAsync(ids[^1], cancellationToken);
        var waits = tasks.Select(task => (task.StartedAt!.Value - task.ReadyAt!.Value).TotalMilliseconds).Order().ToArray();
        report.Add(new Figure("orchestrator", $"{kind}: {name}", runs * tasks.Count / seconds, "tasks/s"));
        report.Add(new Figure("orchestrator", $"{kind}: {name}, whole", seconds * 1_000, "ms"));
        if (tasks.Count <= 1_000 && runs == 1)
        {
            report.Add(new Figure("orchestrator", $"{kind}: {name}, ready to start, p50", waits[waits.Length / 2], "ms"));
            report.Add(new Figure("orchestrator", $"{kind}: {name}, ready to start, p99", waits[waits.Length * 99 / 100], "ms"));
        }
    }

    /// <summary>10,000 DAGs idle, then all due at once: how long until every run is stored and done.</summary>
    private static async Task MidnightAsync(BenchmarkReport report, string kind, CancellationToken cancellationToken)
    {
        const int Dags = 10_000;
        await using var place = await BenchmarkStore.OpenAsync(kind, cancellationToken);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 23, 59, 0, TimeSpan.Zero));
        var dags = Enumerable.Range(0, Dags).Select(i => new DagBuilder($"d{i}").Schedule(Timetable.Cron("@daily")).Task("a", Nothing)
            .Build()).ToArray();
        var watch = Stopwatch.StartNew();
        await using var engine = new OrchestratorEngine(place.Store, dags, time: time);
        await engine.StartAsync(cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: 10,000 DAGs registered", watch.Elapsed.TotalMilliseconds, "ms"));
        report.Add(
            new Figure("orchestrator", $"{kind}: 10,000 DAGs idle, managed heap", GC.GetTotalMemory(forceFullCollection: true) / 1048576.0,
                "MiB"));
        watch.Restart();
        time.Advance(TimeSpan.FromMinutes(2));
        var created = TimeSpan.Zero;
        while (created == TimeSpan.Zero || await LastAsync() is not { State: DagRunState.Success })
        {
            created = created == TimeSpan.Zero && await LastAsync() is not null ? watch.Elapsed : created;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        report.Add(new Figure("orchestrator", $"{kind}: 10,000 DAGs due at midnight, all created", created.TotalMilliseconds, "ms"));
        report.Add(new Figure("orchestrator", $"{kind}: 10,000 DAGs due at midnight, all done", watch.Elapsed.TotalMilliseconds, "ms"));

        ValueTask<DagRun?> LastAsync() => place.Store.FindRunAsync(Dags, cancellationToken);
    }

    private static Dag Grid(int chains, int length)
    {
        var builder = new DagBuilder("scene");
        for (var chain = 0; chain < chains; chain++)
        {
            for (var i = 0; i < length; i++)
            {
                var before = i == 0 ? null : $"c{chain}.{i - 1}";
                builder.Task($"c{chain}.{i}", Nothing, t => t.After(before is null ? [] : [before]));
            }
        }

        return builder.Build();
    }

    private static Dag Tree(int tasks)
    {
        var builder = new DagBuilder("scene");
        for (var i = 0; i < tasks; i++)
        {
            var parent = i == 0 ? null : $"t{(i - 1) / 2}";
            builder.Task($"t{i}", Nothing, t => t.After(parent is null ? [] : [parent]));
        }

        return builder.Build();
    }

    private static Dag FanOut(int width) => new DagBuilder("scene")
        .Task("items", (_, _) => Task.FromResult(Enumerable.Range(0, width).ToArray()), t => t.Priority(1))
        .MapTask<int>("each", MapSource.Over("items"), (_, _, _) => Task.CompletedTask, t => t.MapLengthMax(width))
        .Task("end", Nothing, t => t.After("each"))
        .Build();
}

/// <summary>A store in a place of its own that goes when it is disposed.</summary>
internal sealed class BenchmarkStore(IOrchestratorStore store, string? folder) : IAsyncDisposable
{
    public IOrchestratorStore Store { get; } = store;

    public static async Task<BenchmarkStore> OpenAsync(string kind, CancellationToken cancellationToken)
    {
        if (kind == "memory")
        {
            return new BenchmarkStore(new InMemoryOrchestratorStore(), null);
        }

        var folder = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        return new BenchmarkStore(
            await SqliteOrchestratorStore.OpenAsync(Path.Combine(folder, "o.db"), cancellationToken: cancellationToken), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
