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
