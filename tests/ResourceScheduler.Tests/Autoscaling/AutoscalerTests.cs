using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Autoscaling;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Tests.Autoscaling;

public sealed class AutoscalerTests
{
    private static readonly ResourceVector Four = new(4000, 8192);
    private static readonly NodeGroup OnDemand = new("od", Four) { PricePerHour = 1 };
    private static readonly NodeGroup SpotA = new("spot-a", Four) { Purchase = NodePurchase.Spot, PricePerHour = 0.3 };
    private static readonly NodeGroup SpotB = new("spot-b", Four) { Purchase = NodePurchase.Spot, PricePerHour = 0.32 };

    private static AutoscalerOptions Options => new() { Groups = [OnDemand, SpotA, SpotB], CoolDownMs = 0 };

    [Fact]
    public void Work_is_waited_for_before_nodes_are_started()
    {
        var autoscaler = new Autoscaler(Options);
        Assert.Empty(autoscaler.Decide(At(0), [Demand(8, 119_999)]));
        Assert.Equal(2, autoscaler.Decide(At(1), [Demand(8, 120_000)]).Count);
        Assert.Empty(autoscaler.Decide(At(2), [Demand(8, 121_000)]));
    }

    [Fact]
    public void A_broken_promise_of_a_queue_does_not_wait_that_long()
    {
        var autoscaler = new Autoscaler(Options with { QueueWaitMaxMs = new Dictionary<string, long> { ["root.a"] = 5_000 } });
        Assert.Empty(autoscaler.Decide(At(0), [Demand(1, 5_000)]));
        Assert.Contains("promises", Assert.IsType<AutoscalerAction.Start>(autoscaler.Decide(At(0), [Demand(1, 5_001)]).Single()).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_on_demand_part_comes_first_and_spot_is_spread_over_groups()
    {
        var started = Starts(new Autoscaler(Options).Decide(At(0), [Demand(40, 200_000)]));
        var byGroup = started.GroupBy(start => start.Group.Name).ToDictionary(group => group.Key, group => group.Count());

        Assert.Equal("od", started[0].Group.Name);
        Assert.Equal((3, 4, 3), (byGroup["od"], byGroup["spot-a"], byGroup["spot-b"]));
    }

    [Fact]
    public void A_group_that_took_nodes_away_is_left_alone_and_on_demand_steps_in()
    {
        var autoscaler = new Autoscaler(Options with { BackOffMs = 1_000 });
        autoscaler.BackOff("spot-a", 0);
        autoscaler.BackOff("spot-b", 0);
        Assert.All(Starts(autoscaler.Decide(At(999), [Demand(40, 200_000)])), start => Assert.Equal("od", start.Group.Name));

        var later = new Autoscaler(Options with { BackOffMs = 1_000 });
        later.BackOff("spot-a", 0);
        Assert.Contains(Starts(later.Decide(At(1_000), [Demand(40, 200_000)])), start => start.Group.Name == "spot-a");
    }

    [Fact]
    public void Only_shapes_labels_and_attributes_that_fit_are_started()
    {
        var gpu = new NodeGroup("gpu", new ResourceVector(8000, 65_536, 4000))
        {
            PricePerHour = 5,
            Properties = new NodeProperties { Label = "gpu" }
        };
        var big = new NodeGroup("big", new ResourceVector(64_000, 262_144)) { PricePerHour = 9 };
        var autoscaler = new Autoscaler(Options with { Groups = [OnDemand, gpu, big] });

        Assert.Equal("gpu", Starts(autoscaler.Decide(At(0), [new PendingDemand("root.a", new ResourceVector(1000, 1024, 1000), 1, "gpu",
            200_000)])).Single().Group.Name);
        Assert.Equal("big", Starts(autoscaler.Decide(At(0), [new PendingDemand("root.a", new ResourceVector(16_000, 1024), 1, "",
            200_000)])).Single().Group.Name);
        Assert.Empty(autoscaler.Decide(At(0), [new PendingDemand("root.a", new ResourceVector(100_000, 1024), 1, "", 200_000)]));
    }

    [Fact]
    public void Idle_nodes_leave_by_draining_and_are_given_back_when_gone()
    {
        var autoscaler = new Autoscaler(Options with { IdleAfterMs = 1_000, DrainMaxMs = 500, OnDemandShareMin = 0 });
        var node = Starts(autoscaler.Decide(At(0), [Demand(1, 200_000)])).Single().Node;
        Assert.Empty(autoscaler.Decide(At(10, Present(node, 1)), []));
        Assert.Empty(autoscaler.Decide(At(20, Present(node, 0)), []));
        Assert.Empty(autoscaler.Decide(At(1_019, Present(node, 0)), []));
        Assert.Equal(1_520, Assert.IsType<AutoscalerAction.Drain>(autoscaler.Decide(At(1_020, Present(node, 0)), []).Single()).DeadlineMs);
        Assert.IsType<AutoscalerAction.GiveBack>(autoscaler.Decide(At(1_030), []).Single());
        Assert.Empty(autoscaler.Nodes);
    }

    [Fact]
    public void Nodes_do_not_leave_while_something_waits_nor_below_the_least()
    {
        var autoscaler = new Autoscaler(Options with { IdleAfterMs = 0, Groups = [OnDemand with { NodesMin = 1 }] });
        var node = Starts(autoscaler.Decide(At(0), [])).Single().Node;
        Assert.Empty(autoscaler.Decide(At(10, Present(node, 0)), []));
        Assert.Empty(autoscaler.Decide(At(20, Present(node, 0)), [Demand(1, 0)]));
    }

    [Fact]
    public void A_node_that_never_comes_is_given_up_and_its_group_left_alone()
    {
        var autoscaler = new Autoscaler(Options with { StartMaxMs = 100, Groups = [OnDemand] });
        var node = Starts(autoscaler.Decide(At(0), [Demand(1, 200_000)])).Single().Node;
        Assert.Equal(node, Assert.IsType<AutoscalerAction.GiveBack>(autoscaler.Decide(At(100), [Demand(1, 200_000)]).Single()).Node);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_naming_the_group()
    {
        Assert.Throws<SchedulerException>(() => new Autoscaler(new AutoscalerOptions()));
        Assert.Contains("'od'", Assert.Throws<SchedulerException>(() => new Autoscaler(Options with
        {
            Groups = [OnDemand,
            OnDemand]
        })).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<SchedulerException>(() => new Autoscaler(Options with
        {
            Groups = [new NodeGroup("x",
            default)]
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Demand_is_what_waits_for_room_and_not_for_a_limit()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Queue("root.full",
            new QueueOptions { Max = ResourceVector.Unbounded with { CpuMillis = 1000 } }).Build());
        harness.Node("n", 2000, 4096);
        harness.Submit(1, "root.full");
        harness.Ask(1, 3, 1000, 1024);
        harness.Submit(2, "root.a");
        harness.Ask(2, 3, 1000, 1024);
        harness.Apply(new SchedulerEvent.Tick(7_000));

        Assert.Equal(new PendingDemand("root.a", new ResourceVector(1000, 1024), 2, "", 7_000), harness.Scheduler.PendingDemand().Single());
    }

    [Fact]
    public void A_node_that_will_be_taken_away_has_its_work_saved_and_run_elsewhere()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Build());
        harness.Node("spot", 1000, 1024);
        harness.Submit(1, "root.a");
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 1, 7, new ContainerAsk(new ResourceVector(1000, 1024)) { IsRequeued = true }));
        var notice = harness.Apply(new SchedulerEvent.NodeDecommissioned(0, "spot", 120_000) { IsInterruption = true });
        harness.Node("stays", 1000, 1024);

        Assert.Equal((1L, 120_000L), notice.OfType<SchedulerDecision.CheckpointRequested>().Select(request
            => (request.ContainerId, request.DeadlineMs)).Single());
        var moved = harness.Apply(new SchedulerEvent.ContainerEnded(5_000, 1, ContainerOutcome.Killed));
        Assert.Equal("stays", SchedulerHarness.Placed(moved).Single().Node);
        Assert.DoesNotContain(harness.Scheduler.Snapshot().Nodes, node => node.Name == "spot");
    }

    private static PendingDemand Demand(int count, long waitedMs) => new("root.a", new ResourceVector(1000, 1024), count, "", waitedMs);

    private static AutoscalerAction.Start[] Starts(IReadOnlyList<AutoscalerAction> actions)
        => [.. actions.OfType<AutoscalerAction.Start>()];

    private static NodeSnapshot Present(string node, int containers) => new(node, Four, ResourceVector.Zero, containers);

    private static ClusterSnapshot At(long timeMs, params NodeSnapshot[] nodes) => new(timeMs, default, default, [], nodes);
}
