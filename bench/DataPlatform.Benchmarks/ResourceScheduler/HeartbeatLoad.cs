using System.Diagnostics;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>1,000 agents that say every three seconds that nothing has changed, to a durable manager.</summary>
internal static class HeartbeatLoad
{
    private const int Nodes = 1_000;
    private const double PerSecond = Nodes / 3.0;

    public static async Task MeasureAsync(BenchmarkReport report, string file, int seconds, CancellationToken cancellationToken)
    {
        await using var store = SqliteStateStore.Open(file);
        await using var manager = await ResourceManager.LeadAsync(QueueTree.Define().Queue("root.a").Build(), store,
            new InProcessContainerDriver(),
            TimeProvider.System, NullLoggerFactory.Instance, new SchedulerOptions { NodeSuspectAfterMs = 9_000 },
                cancellationToken: cancellationToken);
        for (var node = 0; node < Nodes; node++)
        {
            await manager.RegisterNodeAsync(new NodeRegistration($"node{node:D4}", new ResourceVector(16_000, 65_536), 1, []),
                cancellationToken);
        }

        var idle = await ShareOfACoreAsync(seconds, _ => Task.CompletedTask);
        var sent = 0;
        var busy = await ShareOfACoreAsync(seconds, async elapsed =>
        {
            var due = new List<Task>();
            for (; sent < elapsed * PerSecond; sent++)
            {
                due.Add(manager.ReportNodeAsync(new NodeHeartbeat($"node{sent % Nodes:D4}", 1, []), cancellationToken).AsTask());
            }

            await Task.WhenAll(due);
        });
        report.Add(new Figure("cluster", $"{sent / seconds} heartbeats/s of 1,000 nodes, durable", busy - idle, "% of a core", "target",
            5));
    }

    private static async Task<double> ShareOfACoreAsync(int seconds, Func<double, Task> work)
    {
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(started).TotalSeconds is var elapsed && elapsed < seconds)
        {
            await work(elapsed);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return 100 * (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
