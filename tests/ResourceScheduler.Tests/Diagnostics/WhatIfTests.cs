using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler.Tests.Diagnostics;

public sealed class WhatIfTests
{
    [Fact]
    public void Another_node_shortens_the_waits_of_a_copy_and_leaves_the_original_alone()
    {
        var harness = Busy();
        var before = harness.Scheduler.Snapshot();
        var report = WhatIf.Compare(harness.Scheduler, new WhatIfChange
        {
            AddedNodes = new Dictionary<string, ResourceVector> { ["extra"] = new ResourceVector(4000, 4096) },
        });

        Assert.Null(report.Refused);
        Assert.Equal((0, 0), (report.Before["root.a"].Pending, report.After["root.a"].Pending));
        Assert.InRange(report.After["root.a"].MeanWaitSeconds, 0, report.Before["root.a"].MeanWaitSeconds * 0.8);
        Assert.Equal(before.Queues.Select(queue => (queue.Path, queue.Pending)), harness.Scheduler.Snapshot().Queues.Select(queue
            => (queue.Path, queue.Pending)));
        Assert.Equal(before.Nodes.Count, harness.Scheduler.Snapshot().Nodes.Count);
    }

    [Fact]
    public void More_weight_moves_deficit_from_one_queue_to_the_other()
    {
        var harness = Busy();
        var queues = QueueTree.Define().Queue("root.a", new QueueOptions { Weight = 9 }).Queue("root.b").Build();
        var report = WhatIf.Compare(harness.Scheduler, new WhatIfChange { Queues = queues }, new WhatIfOptions { HorizonMs = 120_000 });

        Assert.True(report.After["root.a"].Placed > report.Before["root.a"].Placed);
        Assert.True(report.After["root.b"].Placed < report.Before["root.b"].Placed);
    }

    [Fact]
    public void A_change_the_scheduler_would_refuse_says_why()
    {
        var report = WhatIf.Compare(Busy().Scheduler, new WhatIfChange { Queues = QueueTree.Define().Queue("root.b").Build() });
        Assert.Contains("root.a", report.Refused, StringComparison.Ordinal);
        Assert.Equal(report.Before, report.After);
    }

    [Fact]
    public void Events_to_come_are_played_too()
    {
        var harness = Busy();
        var report = WhatIf.Compare(harness.Scheduler, new WhatIfChange(), new WhatIfOptions
        {
            Events =
            [
                new SchedulerEvent.ApplicationSubmitted(5_000, 9, new ApplicationSpecification("later", "root.b", "eve")),
                new SchedulerEvent.ContainersAsked(5_000, 9, 99, new ContainerAsk(new ResourceVector(1000, 1024), 3)),
            ],
        });
        Assert.Equal(23, report.Before["root.b"].Placed);
    }

    [Fact]
    public void A_fork_decides_as_the_original_does()
    {
        var harness = Busy();
        var fork = harness.Scheduler.Fork();
        var ended = new SchedulerEvent.ContainerEnded(1_000, 1, ResourceScheduler.Containers.ContainerOutcome.Succeeded);

        Assert.Equal(harness.Scheduler.Apply(ended).Select(decision => decision.ToString()), fork.Apply(ended).Select(decision
            => decision.ToString()));
        fork.Apply(new SchedulerEvent.NodeRemoved(1_000, "n"));
        Assert.Single(harness.Scheduler.Snapshot().Nodes);
    }

    private static SchedulerHarness Busy()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Queue("root.b").Build());
        harness.Node("n", 4000, 4096);
        harness.Submit(1, "root.a", "ana");
        harness.Submit(2, "root.b", "ben");
        harness.Ask(1, 22, 1000, 1024);
        harness.Ask(2, 20, 1000, 1024);
        return harness;
    }
}
