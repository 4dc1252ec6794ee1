using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler.Tests.Diagnostics;

public sealed class FairnessAuditTests
{
    [Fact]
    public void What_a_queue_and_its_users_are_short_of_is_summed_while_they_wait()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.greedy").Queue("root.late").Build());
        harness.Node("n", 4000, 4096);
        harness.Submit(1, "root.greedy", "ana");
        harness.Ask(1, 4, 1000, 1024);
        harness.Submit(2, "root.late", "ben");
        harness.Submit(3, "root.late", "cy");
        harness.Ask(2, 4, 1000, 1024);
        harness.Ask(3, 4, 1000, 1024);
        var audit = new FairnessAudit();
        for (var second = 0; second <= 10; second++)
        {
            harness.Apply(new SchedulerEvent.Tick(second * 1_000));
            audit.Observe(harness.Scheduler.Snapshot());
        }

        var late = audit.Records.Single(record => record is { Queue: "root.late", User: "" });
        Assert.Equal((0.0, 5.0, 0.0, 10.0), (late.UsedShareSeconds, late.DeficitShareSeconds, late.SurplusShareSeconds,
            late.WaitingSeconds));
        var greedy = audit.Records.Single(record => record is { Queue: "root.greedy", User: "ana" });
        Assert.Equal((10.0, 0.0, 5.0), (greedy.UsedShareSeconds, greedy.DeficitShareSeconds, greedy.SurplusShareSeconds));
        Assert.Equal([2.5, 2.5], audit.Records.Where(record => record is { Queue: "root.late", User: not "" }).Select(record
            => record.DeficitShareSeconds));
    }

    [Fact]
    public void Nobody_is_owed_anything_while_nobody_waits()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Queue("root.b").Build());
        harness.Node("n", 4000, 4096);
        harness.Submit(1, "root.a");
        harness.Ask(1, 4, 1000, 1024);
        var audit = new FairnessAudit();
        audit.Observe(harness.Scheduler.Snapshot());
        harness.Apply(new SchedulerEvent.Tick(5_000));
        audit.Observe(harness.Scheduler.Snapshot());

        Assert.All(audit.Records, record => Assert.Equal((0.0, 0.0), (record.DeficitShareSeconds, record.SurplusShareSeconds)));
        Assert.Equal(5.0, audit.Records.Single(record => record is { Queue: "root.a", User: "" }).UsedShareSeconds);
    }

    [Fact]
    public void Steady_shares_count_idle_queues_and_instantaneous_ones_do_not()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a", new QueueOptions { Weight = 3 }).Queue("root.b").Build());
        harness.Node("n", 4000, 4096);
        harness.Submit(1, "root.b");
        harness.Ask(1, 9, 1000, 1024);
        var queue = harness.Scheduler.Snapshot().Queue("root.b");

        Assert.Equal((1000L, 4000L), (queue.SteadyShare.CpuMillis, queue.FairShare.CpuMillis));
    }
}
