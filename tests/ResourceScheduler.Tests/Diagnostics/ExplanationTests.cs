using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Tests.Diagnostics;

public sealed class ExplanationTests
{
    [Fact]
    public void A_full_queue_is_named_with_what_is_missing_and_when_it_eases()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a",
            new QueueOptions { Max = ResourceVector.Unbounded with { CpuMillis = 2500 } })
            .Queue("root.a.x").Build());
        harness.Node("n", 8000, 8192);
        harness.Submit(1, "root.a.x");
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 1, 7, new ContainerAsk(new ResourceVector(1000, 1024),
            3)
        { ExpectedRunMs = 9_000 }));
        var why = harness.Scheduler.Explain(7)!;

        Assert.Equal([("root", false), ("root.a", true), ("root.a.x", false)], why.Path.Select(limit => (limit.Queue, limit.IsBinding)));
        Assert.Contains("raise the maximum of queue 'root.a' by (cpu 500m", why.SmallestChange, StringComparison.Ordinal);
        Assert.Equal(9_000, why.EstimatedStartMs);
        Assert.Null(harness.Scheduler.Explain(8));
    }

    [Fact]
    public void A_gang_is_told_for_how_many_members_there_is_room()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Build());
        harness.Node("n1", 2000, 2048);
        harness.Node("n2", 1000, 1024);
        harness.Submit(1, "root.a");
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 1, 7, new ContainerAsk(new ResourceVector(1000, 1024), 5) { IsGang = true }));
        var why = harness.Scheduler.Explain(7)!;

        Assert.Contains("room for 2 more", why.SmallestChange, StringComparison.Ordinal);
        Assert.Contains("3 of 5", why.SmallestChange, StringComparison.Ordinal);
    }
}
