using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Tests.Placement;

public sealed class GangReservationTests
{
    /// <summary>Small work keeps coming; without room kept for all of the gang, it would never find it.</summary>
    [Fact]
    public void A_gang_is_not_starved_by_a_stream_of_small_work()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.small").Queue("root.gang").Build());
        harness.Node("n1", 4000, 4096);
        harness.Node("n2", 4000, 4096);
        harness.Submit(1, "root.small");
        harness.Submit(2, "root.gang");
        var running = new Queue<long>(SchedulerHarness.Placed(harness.Ask(1, 1_000, 1000, 1024)).Select(placed => placed.ContainerId));
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 2, 77, new ContainerAsk(new ResourceVector(1000, 1024), 6) { IsGang = true }));
        var startedAtMs = -1L;
        while (startedAtMs < 0 && harness.NowMs < 120_000)
        {
            harness.NowMs += 1_000;
            var decisions = harness.Apply(new SchedulerEvent.Tick(harness.NowMs)).ToList();
            if (running.TryDequeue(out var ended))
            {
                decisions.AddRange(harness.Apply(new SchedulerEvent.ContainerEnded(harness.NowMs, ended, ContainerOutcome.Succeeded)));
            }

            foreach (var placed in SchedulerHarness.Placed(decisions))
            {
                running.Enqueue(placed.ContainerId);
                startedAtMs = placed.ApplicationId == 2 ? harness.NowMs : startedAtMs;
            }
        }

        Assert.InRange(startedAtMs, 10_000, 60_000);
        Assert.Equal(6, harness.Scheduler.Snapshot().Applications.Single(application => application.Id == 2).Running);
    }

    [Fact]
    public void Nothing_is_kept_for_a_gang_that_the_nodes_could_never_hold()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.small").Queue("root.gang").Build());
        harness.Node("n1", 4000, 4096);
        harness.Submit(1, "root.small");
        harness.Submit(2, "root.gang");
        var first = SchedulerHarness.Placed(harness.Ask(1, 100, 1000, 1024)).First().ContainerId;
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 2, 77, new ContainerAsk(new ResourceVector(1000, 1024), 5) { IsGang = true }));
        for (var second = 1; second < 60; second++)
        {
            harness.NowMs = second * 1_000;
            harness.Apply(new SchedulerEvent.Tick(harness.NowMs));
        }

        Assert.Single(SchedulerHarness.Placed(harness.Apply(new SchedulerEvent.ContainerEnded(harness.NowMs, first,
            ContainerOutcome.Succeeded))));
    }

    [Fact]
    public void A_gang_that_is_stopped_comes_back_whole_when_its_last_member_has_ended()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.gang").Build());
        harness.Node("n1", 1000, 1024);
        harness.Node("n2", 1000, 1024);
        harness.Submit(1, "root.gang");
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 1, 7,
            new ContainerAsk(new ResourceVector(1000, 1024), 2) { IsGang = true, IsRequeued = true }));
        harness.Node("n3", 1000, 1024);
        harness.Apply(new SchedulerEvent.NodeDecommissioned(0, "n1", 1_000) { IsInterruption = true });
        harness.Apply(new SchedulerEvent.NodeDecommissioned(0, "n2", 1_000) { IsInterruption = true });
        harness.Apply(new SchedulerEvent.Tick(1_000));

        Assert.Empty(SchedulerHarness.Placed(harness.Apply(new SchedulerEvent.ContainerEnded(1_001, 1, ContainerOutcome.Killed))));
        Assert.Contains("still to end", harness.Scheduler.Explain(7)!.Limit, StringComparison.Ordinal);
        Assert.Empty(SchedulerHarness.Placed(harness.Apply(new SchedulerEvent.ContainerEnded(1_002, 2, ContainerOutcome.Killed))));
        Assert.Equal(2, SchedulerHarness.Placed(harness.Node("n4", 1000, 1024)).Count());
    }
}
