using System.Diagnostics;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>A full cluster of 1,000 nodes in which a container ends and the next one is placed, each time durable before it
/// counts.</summary>
internal sealed class DurableLeader
{
    private const int Queues = 100;
    private const int BatchMax = 256;

    private readonly Queue<long> _running = new();
    private readonly DurableScheduler _leader;
    private long _nowMs;

    private DurableLeader(DurableScheduler leader)
    {
        _leader = leader;
        for (var node = 0; node < 1_000; node++)
        {
            Apply(new SchedulerEvent.NodeRegistered(0, $"node{node:D4}", new ResourceVector(16_000, 65_536)));
        }

        for (var job = 1; job <= 1_000; job++)
        {
            Apply(new SchedulerEvent.ApplicationSubmitted(0, job, new ApplicationSpecification("job",
                $"root.q{job % Queues}", $"user{job % 50}")));
            Apply(new SchedulerEvent.ContainersAsked(0, job, 10_000 + job, new ContainerAsk(new ResourceVector(1_000, 2_048), 1_000_000)));
        }
    }

    private static QueueTree Tree
    {
        get
        {
            var tree = QueueTree.Define();
            for (var queue = 0; queue < Queues; queue++)
            {
                tree.Queue($"root.q{queue}", new QueueOptions { Weight = 1 + (queue % 5) });
            }

            return tree.Build();
        }
    }

    /// <summary>What the same loop does when nothing is kept.</summary>
    public static double VolatileRate(int seconds)
    {
        var load = new DurableLeader(DurableScheduler.Volatile(Tree));
        var (placed, started) = (0L, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            placed += load.End(BatchMax);
        }

        return placed / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public static async Task MeasureAsync(
        BenchmarkReport report, string store, IStateStore states, int seconds, double volatileRate, CancellationToken cancellationToken)
    {
        await using var leader = await DurableScheduler.LeadAsync(Tree, states, "bench", cancellationToken: cancellationToken);
        var load = new DurableLeader(leader);
        await leader.CommitAsync(cancellationToken);
        var rate = await load.SaturateAsync(seconds, cancellationToken);
        report.Add(new Figure("cluster", $"durable decisions, {store}", rate, "1/s", "target", 10_000));
        report.Add(new Figure("cluster", $"durable decisions, {store}, beside none kept", rate, "1/s", "not durable", volatileRate));
        var latencies = await load.OfferAsync(10_000, seconds, cancellationToken);
        report.Add(new Figure("cluster", $"event to durable at 10,000/s offered, {store}, p50", latencies[latencies.Count / 2], "ms"));
        report.Add(new Figure("cluster",
            $"event to durable at 10,000/s offered, {store}, p99", latencies[(int)(latencies.Count * 0.99)], "ms", "target", 20));
    }

    /// <summary>As many as the store takes, in batches as they come when everybody waits for it.</summary>
    private async Task<double> SaturateAsync(int seconds, CancellationToken cancellationToken)
    {
        var (placed, started) = (0L, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            placed += End(BatchMax);
            await _leader.CommitAsync(cancellationToken);
        }

        return placed / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Events come at a fixed rate whatever the store does; each waits for the commit that holds it. Sorted
    /// milliseconds.</summary>
    private async Task<List<double>> OfferAsync(double rate, int seconds, CancellationToken cancellationToken)
    {
        var latencies = new List<double>((int)(rate * seconds));
        var started = Stopwatch.GetTimestamp();
        while (latencies.Count < rate * seconds)
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate) - latencies.Count;
            if (due <= 0)
            {
                await Task.Yield();
                continue;
            }

            var first = latencies.Count;
            End(due);
            await _leader.CommitAsync(cancellationToken);
            var done = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            for (var i = 0; i < due; i++)
            {
                latencies.Add(done - ((first + i) * 1_000 / rate));
            }
        }

        latencies.Sort();
        return latencies;
    }

    private int End(int count)
    {
        var placed = 0;
        for (var i = 0; i < count; i++)
        {
            placed += Apply(new SchedulerEvent.ContainerEnded(++_nowMs, _running.Dequeue(), ContainerOutcome.Succeeded));
        }

        return placed;
    }

    private int Apply(SchedulerEvent schedulerEvent)
    {
        var placed = 0;
        foreach (var decision in _leader.Apply(schedulerEvent))
        {
            if (decision is SchedulerDecision.ContainerPlaced container)
            {
                placed++;
                _running.Enqueue(container.ContainerId);
            }
        }

        return placed;
    }
}
