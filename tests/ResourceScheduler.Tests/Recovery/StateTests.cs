using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.ResourceScheduler.Tests.Recovery;

public sealed class StateTests
{
    [Fact]
    public void A_state_read_back_is_the_same_state_wherever_a_history_is_cut()
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            var history = new RandomHistory(seed);
            var scheduler = new ClusterScheduler(RandomHistory.Queues, RandomHistory.Options);
            for (var i = 0; i < 40 + (seed * 2); i++)
            {
                history.Learn(scheduler.Apply(history.Next()));
            }

            var bytes = Save(scheduler);
            var restored = Restore(bytes);

            Assert.Equal(bytes, Save(restored));
            Same(scheduler, restored);
        }
    }

    [Fact]
    public void Two_that_read_the_same_state_decide_the_same_from_then_on()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var history = new RandomHistory(seed);
            var scheduler = new ClusterScheduler(RandomHistory.Queues, RandomHistory.Options);
            for (var i = 0; i < 150; i++)
            {
                history.Learn(scheduler.Apply(history.Next()));
            }

            var (one, two) = (Restore(Save(scheduler)), Restore(Save(scheduler)));
            for (var i = 0; i < 150; i++)
            {
                var next = history.Next();
                var decisions = one.Apply(next);
                Assert.Equal(decisions.Select(decision => decision.GetType()), two.Apply(next).Select(decision => decision.GetType()));
                history.Learn(decisions);
            }

            Assert.Equal(Save(one), Save(two));
        }
    }

    [Fact]
    public void Tasks_retries_and_stages_go_on_where_they_were()
    {
        var scheduler = new ClusterScheduler(RandomHistory.Queues, RandomHistory.Options);
        scheduler.Apply(new SchedulerEvent.NodeRegistered(0, "n", new ResourceVector(1_000, 1_000)));
        scheduler.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1, new ApplicationSpecification("app", "root.a", "ana") { EndsWithAsks = true }));
        scheduler.Apply(new SchedulerEvent.ContainersAsked(0, 1, 2, new ContainerAsk(new ResourceVector(1_000, 1), 3) { RetriesMax = 1 }));
        scheduler.Apply(new SchedulerEvent.ContainersAsked(0, 1, 3, new ContainerAsk(new ResourceVector(1_000, 1)) { DependsOn = [2] }));

        // Task 0 fails twice, so for good; then tasks 1 and 2, and then the next stage. The whole is written and read between any two.
        var placed = new List<(long Ask, int Task)> { (2, 0) };
        var ended = new List<SchedulerDecision>();
        for (var container = 1; container <= 5; container++)
        {
            scheduler = Restore(Save(scheduler));
            var outcome = container <= 2 ? ContainerOutcome.Failed : ContainerOutcome.Succeeded;
            ended.AddRange(scheduler.Apply(new SchedulerEvent.ContainerEnded(container, container, outcome)));
            placed.AddRange(ended.OfType<SchedulerDecision.ContainerPlaced>().Skip(placed.Count - 1).Select(next => (next.AskId, next.Task)));
        }

        Assert.Equal([(2, 0), (2, 0), (2, 1), (2, 2), (3, 0)], placed);
        Assert.Equal([1, 0], ended.OfType<SchedulerDecision.AskCompleted>().Select(done => done.Failed));
        Assert.Equal(ApplicationState.Failed, ended.OfType<SchedulerDecision.ApplicationStateChanged>().Last().State);
        Assert.Equal(3, scheduler.LastId);
    }

    private static void Same(ClusterScheduler scheduler, ClusterScheduler restored)
    {
        var (mine, theirs) = (scheduler.Snapshot(), restored.Snapshot());
        Assert.Equal(mine.Queues.Select(Text), theirs.Queues.Select(Text));
        Assert.Equal(mine.Nodes.Select(Text), theirs.Nodes.Select(Text));
        Assert.Equal(mine.Applications, theirs.Applications);
        Assert.Equal(mine.ParkedApplications, theirs.ParkedApplications);
        Assert.Equal((mine.Used, mine.Capacity, mine.TimeMs), (theirs.Used, theirs.Capacity, theirs.TimeMs));
        Assert.Equal(scheduler.PendingContainers, restored.PendingContainers);
        Assert.Equal(scheduler.Explain().Select(why => (why.AskId, why.Limit, why.EstimatedStartMs)),
            restored.Explain().Select(why => (why.AskId, why.Limit, why.EstimatedStartMs)));
    }

    private static string Text(QueueSnapshot queue)
        => $"{queue.Path} {queue.Used} {queue.Guarantee} {queue.FairShare} {queue.Pending} {queue.PendingResources} {queue.Running} {queue.Applications} {queue.Waits} {string.Join(',', queue.Users)}";

    private static string Text(NodeSnapshot node)
        => $"{node.Name} {node.Capacity} {node.Used} {node.Containers} {node.State} {node.ReservedFor} {node.Properties.Label} {node.Properties.Rack}";

    private static byte[] Save(ClusterScheduler scheduler)
    {
        var writer = new ByteWriter();
        scheduler.Save(writer);
        return writer.ToArray();
    }

    private static ClusterScheduler Restore(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        var scheduler = ClusterScheduler.Restore(ref reader, RandomHistory.Options);
        Assert.True(reader.IsAtEnd);
        return scheduler;
    }
}
