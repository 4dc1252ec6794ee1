using CsCheck;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Tests.Placement;

/// <summary>Random histories: whatever happens, nothing is taken twice, lost, or left idle while it could run.</summary>
public sealed class InvariantTests
{
    private static readonly QueueTree Queues = QueueTree.Define()
        .Queue("root.a", new QueueOptions { Weight = 2, Max = new ResourceVector(9000, 20_000) })
        .Queue("root.b.x", new QueueOptions { Policy = QueuePolicy.Fifo })
        .Queue("root.b.y", new QueueOptions { Min = new ResourceVector(1000, 1000) })
        .Build();

    private static readonly string[] Leaves = ["root.a", "root.b.x", "root.b.y"];

    private static readonly Gen<int[]> History = Gen.Int[0, 999_999].Array[1, 120];

    [Fact]
    public void Every_history_keeps_the_accounts()
        => History.Sample(history => Replay(history, check: true), iter: 300);

    [Fact]
    public void The_same_history_gives_the_same_decisions()
        => History.Sample(history => Assert.Equal(Replay(history, check: false), Replay(history, check: false)), iter: 100);

    private static List<SchedulerDecision> Replay(int[] history, bool check)
    {
        var cluster = new SchedulerHarness(Queues);
        var running = new SortedDictionary<long, SchedulerDecision.ContainerPlaced>();
        foreach (var step in history)
        {
            foreach (var decision in cluster.Apply(Event(step, running, cluster)))
            {
                if (decision is SchedulerDecision.ContainerPlaced placed)
                {
                    running.Add(placed.ContainerId, placed);
                }
                else if (decision is SchedulerDecision.ContainerLost lost)
                {
                    Assert.True(running.Remove(lost.ContainerId));
                }
            }

            if (check)
            {
                Check(cluster.Scheduler.Snapshot(), running);
            }
        }

        return cluster.All;
    }

    private static SchedulerEvent Event(int step, SortedDictionary<long, SchedulerDecision.ContainerPlaced> running,
        SchedulerHarness cluster)
    {
        var (kind, value) = (step % 10, step / 10);
        switch (kind)
        {
            case 0:
                return new SchedulerEvent.NodeRegistered(0, $"n{value % 5}",
                    new ResourceVector(1000 * (1 + (value % 7)), 1024 * (1 + (value % 11))));
            case 1:
                return new SchedulerEvent.NodeRemoved(0, $"n{value % 5}");
            case 2 or 3:
                return new SchedulerEvent.ApplicationSubmitted(0, value % 20,
                    new ApplicationSpecification("app", Leaves[value % 3], "ana"));
            case 4 or 5 or 6:
                return new SchedulerEvent.ContainersAsked(0, value % 20, cluster.All.Count + value,
                    new ContainerAsk(new ResourceVector(500 * (1 + (value % 5)), 512 * (1 + (value % 3))), 1 + (value % 6)));
            case 7:
                return new SchedulerEvent.ApplicationEnded(0, value % 20);
            default:
                if (running.Count == 0)
                {
                    return new SchedulerEvent.AskCancelled(0, value);
                }

                var container = running.Keys.ElementAt(value % running.Count);
                running.Remove(container);
                return new SchedulerEvent.ContainerEnded(0, container, ContainerOutcome.Succeeded);
        }
    }

    private static void Check(ClusterSnapshot snapshot, SortedDictionary<long, SchedulerDecision.ContainerPlaced> running)
    {
        var used = running.Values.Aggregate(ResourceVector.Zero, (sum, container) => sum + container.Resources);
        Assert.Equal(used, snapshot.Used);
        Assert.Equal(used, snapshot.Queue("root").Used);
        Assert.Equal(running.Count, snapshot.Queue("root").Running);
        foreach (var node in snapshot.Nodes)
        {
            var here = running.Values.Where(container => container.Node == node.Name).ToArray();
            Assert.Equal(here.Aggregate(ResourceVector.Zero, (sum, container) => sum + container.Resources), node.Used);
            Assert.Equal(here.Length, node.Containers);
        }

        Assert.Equal(snapshot.Queue("root.b").Used, snapshot.Queue("root.b.x").Used + snapshot.Queue("root.b.y").Used);
        Assert.True(snapshot.Queue("root.a").Used.FitsIn(new ResourceVector(9000, 20_000)));
        WorkIsConserved(snapshot);
    }

    /// <summary>While the unlimited queues wait, no node has room for the largest request there is.</summary>
    private static void WorkIsConserved(ClusterSnapshot snapshot)
    {
        if (snapshot.Queue("root.b").Pending > 0)
        {
            Assert.DoesNotContain(snapshot.Nodes, node => new ResourceVector(2500, 1536).FitsIn(node.Capacity - node.Used));
        }
    }
}
