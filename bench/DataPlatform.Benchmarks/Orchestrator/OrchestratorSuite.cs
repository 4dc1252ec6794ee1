using System.Diagnostics;
using DataPlatform.Benchmarks.ResourceScheduler;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>Scheduling overhead: trivial tasks, so what is measured is the orchestrator and its store.</summary>
internal sealed class OrchestratorSuite : IBenchmarkSuite
{
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    public string Name => "orchestrator";

    public string Description => "life cycles, Airflow's scenes, fan-out, midnight, idle, Hangfire and Quartz [--store memory|sqlite|postgres] [--smoke]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var at = Array.IndexOf(arguments, "--store");
        var store = at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : "sqlite";
        if (!BenchmarkStore.Kinds.Contains(store))
        {
            await Console.Error.WriteLineAsync($"There is no store '{store}' here: {string.Join(", ", BenchmarkStore.Kinds)}.");
            return 2;
        }

        await using var server = store == "postgres" ? await TemporaryPostgres.StartAsync() : null;
        if (store == "postgres" && server is null)
        {
            await Console.Error.WriteLineAsync("There is no PostgreSQL on this machine: install it (/usr/lib/postgresql).");
            return 2;
        }

        // A smoke run only shows that every case works.
        var part = arguments.Contains("--smoke") ? 100 : 1;
        await SceneAsync(report, store, server, "warm-up", Grid(10, 10), runs: 1, cancellationToken);
        await SceneAsync(report, store, server, "100 chains of 10", Grid(100 / part, 10), runs: 1, cancellationToken);
        await SceneAsync(report, store, server, "10 chains of 100", Grid(10, 100 / part), runs: 1, cancellationToken);
        await SceneAsync(report, store, server, "binary tree of 1,000", Tree(1_000 / part), runs: 1, cancellationToken);
        await SceneAsync(report, store, server, "fan-out and fan-in of 10,000", FanOut(10_000 / part), runs: 1, cancellationToken);
        await SceneAsync(report, store, server, "50 runs of 100 chains of 10", Grid(100 / part, 10), runs: part == 1 ? 50 : 2, cancellationToken);
        await MidnightAsync(report, store, server, 10_000 / part, cancellationToken);
        await IdleCases.ConcurrentAsync(report, store, server, 1_000 / part, cancellationToken);
        await IdleCases.ReadyToStartAsync(report, store, server, 1_000 / part, cancellationToken);
        await IdleCases.IdleAsync(report, store, server, 10_000 / part, TimeSpan.FromSeconds(part == 1 ? 30 : 1), cancellationToken);
        await BesideOthersAsync(report, store, server, 5_000 / part, cancellationToken);
        return 0;
    }

    /// <summary>Independent trivial jobs, from being asked for to done: a run of one task each here.</summary>
    private static async Task BesideOthersAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, int jobs, CancellationToken cancellationToken)
    {
        double ours;
        await using (var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken))
        {
            await using var engine = new OrchestratorEngine(place.Store, [new DagBuilder("job").MaxActiveRuns(jobs).Task("a", Nothing).Build()]);
            await engine.StartAsync(cancellationToken);
            var watch = Stopwatch.StartNew();
            var ids = await Task.WhenAll(Enumerable.Range(0, jobs).Select(_ => engine.TriggerAsync("job", cancellationToken: cancellationToken)));
            await Task.WhenAll(ids.Select(id => engine.WaitForRunAsync(id, cancellationToken)));
            ours = jobs / watch.Elapsed.TotalSeconds;
        }

        // Hangfire has no store of its own on SQLite; there it is in memory.
        var theirs = kind == "postgres" ? kind : "memory";
        var hangfire = await OtherSchedulers.HangfireAsync(theirs, server, jobs, cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {jobs:N0} independent jobs", ours, "jobs/s", $"Hangfire ({theirs})", hangfire));
        var quartz = await OtherSchedulers.QuartzAsync(kind, server, jobs, cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {jobs:N0} independent jobs", ours, "jobs/s", $"Quartz ({kind})", quartz));
    }

    private static async Task SceneAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, string name, Dag dag, int runs, CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken);
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
    private static async Task MidnightAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, int count, CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 23, 59, 0, TimeSpan.Zero));
        var dags = Enumerable.Range(0, count).Select(i => new DagBuilder($"d{i}").Schedule(Timetable.Cron("@daily")).Task("a", Nothing)
            .Build()).ToArray();
        var watch = Stopwatch.StartNew();
        await using var engine = new OrchestratorEngine(
            place.Store, dags, options: new OrchestratorOptions { FollowsStoreClock = false }, time: time);
        await engine.StartAsync(cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {count:N0} DAGs registered", watch.Elapsed.TotalMilliseconds, "ms"));
        report.Add(
            new Figure("orchestrator", $"{kind}: {count:N0} DAGs idle, managed heap", GC.GetTotalMemory(forceFullCollection: true) / 1048576.0,
                "MiB"));
        watch.Restart();
        time.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(async () => await CountAsync(place.Store, null, count, cancellationToken) == count, cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {count:N0} DAGs due at midnight, all created", watch.Elapsed.TotalMilliseconds, "ms"));
        await UntilAsync(async () => await CountAsync(place.Store, DagRunState.Success, count, cancellationToken) == count, cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {count:N0} DAGs due at midnight, all done", watch.Elapsed.TotalMilliseconds, "ms"));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Runs in a state, counted up to a number.</summary>
    private static async Task<int> CountAsync(IOrchestratorStore store, DagRunState? state, int most, CancellationToken cancellationToken)
    {
        var (count, before) = (0, (long?)null);
        while (count < most)
        {
            var page = await store.ListRunsAsync(new RunQuery { State = state, BeforeId = before, Limit = RunQuery.LimitMax }, cancellationToken);
            count += page.Count;
            if (page.Count < RunQuery.LimitMax)
            {
                break;
            }

            before = page[^1].Id;
        }

        return count;
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
