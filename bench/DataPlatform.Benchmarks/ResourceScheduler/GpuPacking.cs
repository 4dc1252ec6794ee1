using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Benchmarks.ResourceScheduler;

/// <summary>How much of the GPUs of the openb cluster is allocated when as much is wanted as there is, in an order drawn from the published
/// pods.</summary>
internal static class GpuPacking
{
    /// <summary>The mean allocated fraction over seeds, in percent; null where the trace does not lie beside the checkout.</summary>
    public static double? Measure(string traces, int seeds)
    {
        var nodes = Path.Combine(traces, "openb-gpu", "openb_node_list_all_node.csv");
        var pods = Path.Combine(traces, "openb-gpu", "openb_pod_list_default.csv");
        return File.Exists(nodes) && File.Exists(pods)
            ? Enumerable.Range(1, seeds).Average(seed => Pack(TraceReader.Read(File.ReadAllText(pods), File.ReadAllText(nodes)), seed))
            : null;
    }

    private static double Pack(ClusterTrace trace, int seed)
    {
        var random = new Random(seed);
        var scheduler = new ClusterScheduler(QueueTree.Define().Queue("root.all").Build());
        foreach (var node in trace.Nodes)
        {
            scheduler.Apply(new SchedulerEvent.NodeRegistered(0, node.Name, node.Capacity));
        }

        scheduler.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1, new ApplicationSpecification("pods", "root.all", "user")));
        var total = scheduler.Snapshot().Capacity.GpuMillis;
        var ask = 0L;
        for (var arrived = 0L; arrived < total;)
        {
            // A pod that finds no room now is gone, as in the published experiment.
            var size = trace.Jobs[random.Next(trace.Jobs.Count)].Stages[0].Resources;
            arrived += size.GpuMillis;
            scheduler.Apply(new SchedulerEvent.ContainersAsked(0, 1, ++ask, new ContainerAsk(size)));
            if (scheduler.PendingContainers > 0)
            {
                scheduler.Apply(new SchedulerEvent.AskCancelled(0, ask));
            }
        }

        return 100.0 * scheduler.Snapshot().Used.GpuMillis / total;
    }
}
