using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Tests.Placement;

public sealed class ExplainTests
{
    [Fact]
    public void It_says_what_is_missing_where_and_when_it_may_come()
    {
        var cluster = new SchedulerHarness(QueueTree.Define().Queue("root.a").Queue("root.b",
            new QueueOptions { Max = new ResourceVector(1000, 4096) }).Build());
        cluster.Node("n1", 2000, 4096);
        cluster.Node("n2", 1000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 1,
            new ContainerAsk(new ResourceVector(1500, 1024)) { ExpectedRunMs = 60_000 }));
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 2, new ContainerAsk(new ResourceVector(2000, 1024))));
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 3, new ContainerAsk(new ResourceVector(100, 1024)) { DependsOn = [2] }));
        cluster.Submit(2, "root.b");
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 2, 4,
            new ContainerAsk(new ResourceVector(100, 10)) { ExpectedRunMs = 90_000 }));
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 2, 5, new ContainerAsk(new ResourceVector(1000, 1024))));

        var explained = cluster.Scheduler.Explain().ToDictionary(item => item.AskId);

        Assert.Equal(2, explained[2].NodesRejected["too little CPU free"]);
        Assert.Equal("free (cpu 1600m, memory 0 MiB) on node 'n1'", explained[2].SmallestChange);
        Assert.Equal(90_000, explained[2].EstimatedStartMs);
        Assert.Equal("ask 2 has to be done first", explained[3].Limit);
        Assert.Contains("'root.b'", explained[5].Limit, StringComparison.Ordinal);
    }
}
