using DataPlatform.ResourceScheduler;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>The resource scheduler: decisions, memory, durability, recovery, packing, real containers.</summary>
internal sealed class ClusterSuite : IBenchmarkSuite
{
    public string Name => "cluster";

    public string Description
        => "the resource scheduler: decisions per second, memory, durable log, recovery, GPU packing, real containers";

    public Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        if (arguments.Contains("--quick"))
        {
            Decisions(report, nodes: 1_000, placements: 300_000, target: 100_000);
            Heartbeats(report);
            Packing(report);
            return Task.FromResult(0);
        }

        Decisions(report, nodes: 1_000, placements: 1_000_000, target: 100_000);
        Decisions(report, nodes: 5_000, placements: 1_000_000, target: 60_000);
        Heartbeats(report);
        Packing(report);
        return Task.FromResult(0);
    }

    /// <summary>What the reports of 1,000 nodes every three seconds take of one core, while work waits and nothing changes.</summary>
    private static void Heartbeats(BenchmarkReport report)
    {
        const int nodes = 1_000;
        const int rounds = 200;
        var load = new ClusterLoad(nodes, preempts: true, jobs: 10_000, tasksPerJob: 100);
        load.Submit();
        var started = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < rounds; round++)
        {
            for (var node = 0; node < nodes; node++)
            {
                load.Scheduler.Apply(new SchedulerEvent.NodeReported(0, ClusterLoad.NodeName(node), 0, []));
            }
        }

        var perSecond = nodes * rounds / (Environment.CpuUsage.TotalTime - started).TotalSeconds;
        report.Add(new Figure("cluster", "333 heartbeats/s, part of one core", 100 * 333 / perSecond, "%", "target", 5));
    }

    private static void Packing(BenchmarkReport report)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (GpuPacking.Measure(Path.Combine(folder.FullName, "..", "shared", "cluster-traces"), seeds: 5) is { } percent)
            {
                report.Add(new Figure("cluster", "openb GPU allocation at 100 % arrived", percent, "%", "BestFit", 92.8));
                return;
            }
        }
    }

    private static void Decisions(BenchmarkReport report, int nodes, long placements, double target)
    {
        Decisions(report, nodes, placements, target, preempts: false);
        Decisions(report, nodes, placements, target, preempts: true);
    }

    private static void Decisions(BenchmarkReport report, int nodes, long placements, double target, bool preempts)
    {
        var policy = preempts ? "preemption on" : "preemption off";
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var load = new ClusterLoad(nodes, preempts, jobs: 10_000, tasksPerJob: 100 + (int)(placements / 10_000));
        load.Submit();
        load.Run(20_000);
        // The scheduler is one thread: its processor time is what one core would take, whoever else uses the machine.
        var (placed, decisions, started) = (load.Placed, load.Decisions, Environment.CpuUsage.TotalTime);
        load.Run(placements - load.Placed);
        var seconds = (Environment.CpuUsage.TotalTime - started).TotalSeconds;
        var state = GC.GetTotalMemory(forceFullCollection: true) - before;
        report.Add(new Figure("cluster", $"placements, {nodes} nodes, 1,110 queues, {policy}", (load.Placed - placed) / seconds, "1/s",
            "target", target));
        report.Add(new Figure("cluster", $"decisions in all, {nodes} nodes, {policy}", (load.Decisions - decisions) / seconds, "1/core s"));
        report.Add(new Figure("cluster", $"state, {nodes} nodes, {load.Running} running", state / 1e6, "MB", "target", 200));
        GC.KeepAlive(load);
    }
}
