using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>What must hold at every moment, and at the end.</summary>
internal static class Invariants
{
    public static void Hold(ClusterSnapshot snapshot, IEnumerable<SimulatedAgent> agents)
    {
        var capacities = agents.ToDictionary(agent => agent.Name, agent => agent.Capacity);
        foreach (var node in snapshot.Nodes)
        {
            Assert.True(node.Used.FitsIn(capacities[node.Name]), $"Node {node.Name} holds {node.Used} of {capacities[node.Name]}.");
        }

        var used = snapshot.Nodes.Aggregate(ResourceVector.Zero, (sum, node) => sum + node.Used);
        Assert.Equal(used, snapshot.Used);
        Assert.Equal(used, snapshot.Queue("root").Used);
        Assert.Equal(snapshot.Nodes.Sum(node => node.Containers), snapshot.Queue("root").Running);
        Assert.True(snapshot.Queue("root.b").Used.CpuMillis <= 20_000);
        foreach (var queue in snapshot.Queues)
        {
            Assert.True(queue.Pending >= 0 && queue.Running >= 0 && ResourceVector.Zero.FitsIn(queue.Used)
                && ResourceVector.Zero.FitsIn(queue.PendingResources));
        }

        ApplicationsAddUp(snapshot);
    }

    /// <summary>Nobody pays below what it is entitled to, nobody pays twice in one claim, and somebody is paid for.</summary>
    public static void Lawful(PreemptionClaim claim)
    {
        Assert.NotEmpty(claim.Victims);
        Assert.Equal(claim.Victims.Count, claim.Victims.Distinct().Count());
        foreach (var (_, paying) in claim.VictimQueues)
        {
            Assert.True(paying.After.FitsIn(paying.Before));
        }
    }

    public static void AllDone(ClusterSnapshot snapshot, long asked)
    {
        Assert.Equal(asked, snapshot.Applications.Count);
        Assert.All(snapshot.Applications, application => Assert.Equal(0, application.Pending + application.Running));
        Assert.Equal(ResourceVector.Zero, snapshot.Used);
        Assert.Equal(0, snapshot.Queue("root").Pending);
        Assert.Equal(0, snapshot.Queue("root").Running);
        Assert.All(snapshot.Nodes, node => Assert.Null(node.ReservedFor));
    }

    public static void RecoversTheSame(ClusterScheduler leader, ClusterScheduler recovered)
    {
        var (mine, theirs) = (leader.Snapshot(), recovered.Snapshot());
        Assert.Equal(mine.Nodes.Select(Text), theirs.Nodes.Select(Text));
        Assert.Equal(mine.Queues.Select(Text), theirs.Queues.Select(Text));
        Assert.Equal(mine.TimeMs, theirs.TimeMs);
    }

    private static void ApplicationsAddUp(ClusterSnapshot snapshot)
    {
        foreach (var leaf in snapshot.Queues.Where(queue => queue.Path != "root"))
        {
            var applications = snapshot.Applications.Where(application => application.Queue == leaf.Path).ToArray();
            Assert.Equal(leaf.Used, applications.Aggregate(ResourceVector.Zero, (sum, application) => sum + application.Used));
            Assert.Equal(leaf.Running, applications.Sum(application => application.Running));
            Assert.Equal(leaf.Pending, applications.Sum(application => application.Pending));
        }
    }

    private static string Text(NodeSnapshot node) => $"{node.Name} {node.State} {node.Capacity} {node.Used} {node.Containers}";

    private static string Text(QueueSnapshot queue) => $"{queue.Path} {queue.Used} {queue.Pending} {queue.Running} {queue.Waits}";
}
