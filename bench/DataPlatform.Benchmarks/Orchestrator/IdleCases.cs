using System.Diagnostics;
using DataPlatform.Benchmarks.ResourceScheduler;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Benchmarks.Orchestrator;

/// <summary>What an engine costs that has nothing to do, and how soon it begins when it has: on the machine's clock.</summary>
internal static class IdleCases
{
    /// <summary>Many DAGs that are not due: a share of one core, and memory.</summary>
    public static async Task IdleAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, int dags, TimeSpan watched, CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken);
        var idle = Enumerable.Range(0, dags).Select(i => new DagBuilder($"d{i}").Schedule(Timetable.Cron("0 0 1 1 *"))
            .Task("a", (_, _) => Task.CompletedTask).Build()).ToArray();
        await using var engine = new OrchestratorEngine(place.Store, idle);
        await engine.StartAsync(cancellationToken);
        GC.Collect();
        var process = Process.GetCurrentProcess();
        var (cpu, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        await Task.Delay(watched, TimeProvider.System, cancellationToken);
        process.Refresh();
        var share = (process.TotalProcessorTime - cpu).TotalSeconds / watch.Elapsed.TotalSeconds;
        report.Add(new Figure("orchestrator", $"{kind}: {dags:N0} DAGs idle, share of a core", share * 100, "%"));
        report.Add(new Figure("orchestrator", $"{kind}: {dags:N0} DAGs idle, working set", process.WorkingSet64 / 1048576.0, "MiB"));
    }

    /// <summary>Single tasks that come one after the other to an idle engine.</summary>
    public static async Task ReadyToStartAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, int runs, CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken);
        await using var engine = new OrchestratorEngine(
            place.Store, [new DagBuilder("one").Task("a", (_, _) => Task.CompletedTask).Build()],
            options: new OrchestratorOptions { FollowsStoreClock = false });
        await engine.StartAsync(cancellationToken);
        var asked = new List<double>();
        var ready = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            var at = TimeProvider.System.GetUtcNow();
            var id = await engine.TriggerAsync("one", cancellationToken: cancellationToken);
            await engine.WaitForRunAsync(id, cancellationToken);
            var task = (await place.Store.ListTaskInstancesAsync(id, cancellationToken))[0];
            asked.Add((task.StartedAt!.Value - at).TotalMilliseconds);
            ready.Add((task.StartedAt.Value - task.ReadyAt!.Value).TotalMilliseconds);
        }

        foreach (var (name, values) in new[] { ("asked to start", asked), ("ready to start", ready) })
        {
            var sorted = values.Order().ToArray();
            report.Add(new Figure("orchestrator", $"{kind}: idle, {name}, p50", sorted[sorted.Length / 2], "ms"));
            report.Add(new Figure("orchestrator", $"{kind}: idle, {name}, p99", sorted[sorted.Length * 99 / 100], "ms"));
        }
    }

    /// <summary>Tasks that all run at the same time, each waiting for the last to begin.</summary>
    public static async Task ConcurrentAsync(
        BenchmarkReport report, string kind, TemporaryPostgres? server, int tasks, CancellationToken cancellationToken)
    {
        await using var place = await BenchmarkStore.OpenAsync(kind, server, cancellationToken);
        var left = tasks;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new DagBuilder("many");
        for (var i = 0; i < tasks; i++)
        {
            builder.Task($"t{i}", (_, token) =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    all.TrySetResult();
                }

                return all.Task.WaitAsync(token);
            });
        }

        await using var engine = new OrchestratorEngine(
            place.Store, [builder.Build()], options: new OrchestratorOptions { Pools = { ["default"] = tasks } });
        await engine.StartAsync(cancellationToken);
        var watch = Stopwatch.StartNew();
        var id = await engine.TriggerAsync("many", cancellationToken: cancellationToken);
        await all.Task.WaitAsync(cancellationToken);
        report.Add(new Figure("orchestrator", $"{kind}: {tasks:N0} tasks running at once, all begun", watch.Elapsed.TotalMilliseconds, "ms"));
        var run = await engine.WaitForRunAsync(id, cancellationToken);
        Trace.Assert(run.State == DagRunState.Success, $"run {id} ended as {run.State}");
        report.Add(new Figure("orchestrator", $"{kind}: {tasks:N0} tasks running at once, all done", watch.Elapsed.TotalMilliseconds, "ms"));
    }
}
