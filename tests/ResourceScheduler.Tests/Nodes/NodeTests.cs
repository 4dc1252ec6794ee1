using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Tests.Nodes;

public sealed class NodeTests
{
    private static readonly QueueTree Labelled = QueueTree.Define().Queue("root.a",
        new QueueOptions { Labels = ["gpu"] }).Queue("root.b").Build();

    [Fact]
    public void A_silent_node_is_first_suspect_and_then_lost_and_has_to_register_again()
    {
        var cluster = new SchedulerHarness(Labelled, new SchedulerOptions { NodeSuspectAfterMs = 9_000, NodeLostAfterMs = 30_000 });
        cluster.Node("n1", 1000, 1024);
        cluster.Submit(1, "root.a");
        cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 1, new ContainerAsk(new ResourceVector(1000, 1024)) { IsRequeued = true }));

        Assert.Equal(NodeState.Suspect, States(cluster.Apply(new SchedulerEvent.Tick(9_000))).Single());
        var lost = cluster.Apply(new SchedulerEvent.Tick(30_000));
        Assert.Equal(1, lost.OfType<SchedulerDecision.ContainerLost>().Single().ContainerId);
        Assert.Equal(NodeState.Lost, States(lost).Single());
        Assert.Contains("'n1'", ((SchedulerDecision.EventRefused)cluster.Apply(new SchedulerEvent.NodeReported(31_000, "n1", 0,
            [])).Single()).Reason, StringComparison.Ordinal);

        cluster.NowMs = 32_000;
        Assert.Equal(2, SchedulerHarness.Placed(cluster.Node("n1", 1000, 1024)).Single().ContainerId);
    }

    [Fact]
    public void A_report_from_an_older_epoch_is_refused_and_a_repeated_one_changes_nothing()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Apply(new SchedulerEvent.NodeRegistered(0, "n1", new ResourceVector(1000, 1024)) { Epoch = 2 });
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 2, 1000, 1024);
        EndedContainer[] ended = [new(1, ContainerOutcome.Succeeded)];

        Assert.IsType<SchedulerDecision.EventRefused>(cluster.Apply(new SchedulerEvent.NodeReported(0, "n1", 1, ended)).Single());
        Assert.Single(SchedulerHarness.Placed(cluster.Apply(new SchedulerEvent.NodeReported(0, "n1", 2, ended))));
        Assert.Empty(cluster.Apply(new SchedulerEvent.NodeReported(0, "n1", 2, ended)));
        Assert.IsType<SchedulerDecision.EventRefused>(cluster.Apply(new SchedulerEvent.NodeRegistered(0, "n1",
            new ResourceVector(1000, 1024))
        { Epoch = 1 }).Single());
    }

    [Fact]
    public void A_node_that_registers_again_keeps_what_it_runs_and_stops_what_nobody_knows()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("n1", 2000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 2, 1000, 1024);

        var again = cluster.Apply(new SchedulerEvent.NodeRegistered(0, "n1", new ResourceVector(2000, 4096))
        {
            Epoch = 1,
            Running = [2, 99]
        });

        Assert.Equal(1, again.OfType<SchedulerDecision.ContainerLost>().Single().ContainerId);
        Assert.Equal(99, again.OfType<SchedulerDecision.ContainerStopRequested>().Single().ContainerId);
        Assert.Equal(1, cluster.Scheduler.Snapshot().Queue("root").Running);
    }

    [Fact]
    public void A_decommissioned_node_leaves_with_its_last_container_or_at_its_limit()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("n1", 2000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 1, 1000, 1024);
        cluster.Apply(new SchedulerEvent.NodeDecommissioned(0, "n1", 60_000));
        Assert.Empty(SchedulerHarness.Placed(cluster.Ask(1, 1, 1000, 1024)));

        Assert.Equal(1,
            cluster.Apply(new SchedulerEvent.Tick(60_000)).OfType<SchedulerDecision.ContainerStopRequested>().Single().ContainerId);
        Assert.Contains(NodeState.Decommissioned, States(cluster.End(1)));
        Assert.Equal(ResourceVector.Zero, cluster.Scheduler.Snapshot().Capacity);
    }

    [Fact]
    public void Labels_and_attributes_are_kept_to_and_can_change_while_the_node_runs()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("plain", 1000, 1024);
        cluster.Submit(1, "root.a");
        cluster.Submit(2, "root.b");
        var ask = new ContainerAsk(new ResourceVector(500, 512))
        {
            NodeLabel = "gpu",
            Attributes = [new AttributeRule("model", AttributeComparison.In, "V100")]
        };
        Assert.Contains("'gpu'", Refused(cluster, 1, 1, ask), StringComparison.Ordinal);
        cluster.Apply(new SchedulerEvent.NodeRegistered(0, "g1", new ResourceVector(1000, 1024)) { Properties = Properties("P100") });
        Assert.Contains("'root.b'", Refused(cluster, 2, 2, ask), StringComparison.Ordinal);
        Assert.Empty(cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 3, ask)));

        Assert.Equal("g1", SchedulerHarness.Placed(cluster.Apply(new SchedulerEvent.NodePropertiesChanged(0, "g1",
            Properties("V100")))).Single().Node);
    }

    [Fact]
    public void Data_is_waited_for_and_then_not()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("far", 4000, 4096);
        cluster.Apply(new SchedulerEvent.NodeRegistered(0, "rack",
            new ResourceVector(1000, 1024))
        { Properties = new NodeProperties { Rack = "r1" } });
        cluster.Submit(1, "root.a");
        Assert.Empty(SchedulerHarness.Placed(cluster.Apply(new SchedulerEvent.ContainersAsked(0, 1, 1,
            new ContainerAsk(new ResourceVector(1000, 1024), 2)
            {
                PreferredNodes = ["near"],
                PreferredRacks = ["r1"],
                LocalityDelayMs = 3_000,
            }))));

        Assert.Equal("rack", SchedulerHarness.Placed(cluster.Apply(new SchedulerEvent.Tick(3_000))).Single().Node);
        Assert.Equal("far", SchedulerHarness.Placed(cluster.Apply(new SchedulerEvent.Tick(6_000))).Single().Node);
    }

    [Fact]
    public void Containers_are_kept_apart_near_and_away()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("n1", 4000, 4096);
        cluster.Node("n2", 4000, 4096);
        cluster.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1, new ApplicationSpecification("db", "root.a", "ana") { Tags = ["db"] }));
        cluster.Submit(2, "root.b");
        Assert.Equal(2, SchedulerHarness.Placed(Ask(cluster, 1, new ContainerAsk(new ResourceVector(500, 512), 3) { PerNodeMax = 1 },
            1)).Select(placed => placed.Node).Distinct().Count());
        Assert.Empty(SchedulerHarness.Placed(Ask(cluster, 2, new ContainerAsk(new ResourceVector(500, 512)) { AwayFromTag = "db" }, 2)));
        Assert.Single(SchedulerHarness.Placed(Ask(cluster, 2, new ContainerAsk(new ResourceVector(500, 512)) { NearTag = "db" }, 3)));
    }

    [Fact]
    public void A_large_request_is_not_starved_by_small_ones_and_short_ones_may_pass_it()
    {
        var cluster = new SchedulerHarness(Labelled, new SchedulerOptions { ReserveAfterMs = 5_000 });
        cluster.Node("n1", 4000, 8192);
        cluster.Submit(1, "root.a");
        cluster.Submit(2, "root.b");
        Ask(cluster, 1, new ContainerAsk(new ResourceVector(1000, 1024), 4) { ExpectedRunMs = 60_000 }, 1);
        Ask(cluster, 2, new ContainerAsk(new ResourceVector(4000, 1024)), 2);
        cluster.NowMs = 4_000;
        cluster.End(1);
        Assert.Single(SchedulerHarness.Placed(Ask(cluster, 1, new ContainerAsk(new ResourceVector(1000, 1024)) { ExpectedRunMs = 60_000 },
            3)));
        cluster.Apply(new SchedulerEvent.Tick(5_000));
        cluster.NowMs = 6_000;
        cluster.End(2);

        Assert.Empty(SchedulerHarness.Placed(Ask(cluster, 1, new ContainerAsk(new ResourceVector(1000, 1024)), 4)));
        Assert.Single(SchedulerHarness.Placed(Ask(cluster, 1, new ContainerAsk(new ResourceVector(1000, 1024)) { ExpectedRunMs = 10_000 },
            5)));
        foreach (var container in (long[])[3, 4, 5])
        {
            cluster.End(container);
        }

        Assert.Equal(2, SchedulerHarness.Placed(cluster.End(6)).Single().AskId);
    }

    [Fact]
    public void Shares_of_a_gpu_are_put_together_and_whole_ones_need_whole_devices()
    {
        var cluster = new SchedulerHarness(Labelled);
        cluster.Node("n1", 32_000, 65_536, gpu: 2000);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 2, 1000, 1024, gpu: 600);

        Assert.Empty(SchedulerHarness.Placed(cluster.Ask(1, 1, 1000, 1024, gpu: 800)));
        Assert.Equal(2, SchedulerHarness.Placed(cluster.Ask(1, 2, 1000, 1024, gpu: 400)).Count());
    }

    private static NodeProperties Properties(string model)
        => new() { Label = "gpu", Attributes = new Dictionary<string, string> { ["model"] = model } };

    private static IReadOnlyList<SchedulerDecision> Ask(SchedulerHarness cluster, long application, ContainerAsk ask, long id)
        => cluster.Apply(new SchedulerEvent.ContainersAsked(cluster.NowMs, application, id, ask));

    private static string Refused(SchedulerHarness cluster, long application, long id, ContainerAsk ask)
        => ((SchedulerDecision.AskRefused)Ask(cluster, application, ask, id).Single()).Reason;

    private static IEnumerable<NodeState> States(IEnumerable<SchedulerDecision> decisions)
        => decisions.OfType<SchedulerDecision.NodeStateChanged>().Select(changed => changed.State);
}
