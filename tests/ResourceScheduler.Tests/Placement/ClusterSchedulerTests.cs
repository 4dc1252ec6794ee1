using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Tests.Placement;

public sealed class ClusterSchedulerTests
{
    private static readonly QueueTree TwoTeams = QueueTree.Define()
        .Queue("root.a", new QueueOptions { Weight = 3 }).Queue("root.b").Build();

    [Fact]
    public void Teams_share_a_full_cluster_by_weight()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Submit(1, "root.a");
        cluster.Submit(2, "root.b");
        cluster.Ask(1, 100, 1000, 1024);
        cluster.Ask(2, 100, 1000, 1024);

        var placed = cluster.Node("n1", 16_000, 65_536);

        Assert.Equal(12, SchedulerHarness.Placed(placed).Count(container => container.ApplicationId == 1));
        Assert.Equal(4, SchedulerHarness.Placed(placed).Count(container => container.ApplicationId == 2));
        var snapshot = cluster.Scheduler.Snapshot();
        Assert.Equal(new ResourceVector(12_000, 12 * 1024), snapshot.Queue("root.a").Used);
        Assert.Equal(12_000, snapshot.Queue("root.a").FairShare.CpuMillis);
        Assert.Equal(184, snapshot.Queue("root").Pending);
    }

    [Fact]
    public void An_idle_team_lends_everything()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("n1", 16_000, 65_536);
        cluster.Submit(2, "root.b");

        Assert.Equal(16, SchedulerHarness.Placed(cluster.Ask(2, 100, 1000, 1024)).Count());
    }

    [Fact]
    public void The_maximum_of_any_queue_on_the_path_holds_and_a_release_lets_the_next_in()
    {
        var cluster = new SchedulerHarness(QueueTree.Define()
            .Queue("root.org", new QueueOptions { Max = new ResourceVector(3000, 8192) }).Queue("root.org.a").Queue("root.org.b").Build());
        cluster.Node("n1", 16_000, 65_536);
        cluster.Submit(1, "root.org.a");
        cluster.Submit(2, "root.org.b");
        Assert.Equal(2, SchedulerHarness.Placed(cluster.Ask(1, 2, 1000, 1024)).Count());
        Assert.Single(SchedulerHarness.Placed(cluster.Ask(2, 5, 1000, 1024)));

        Assert.Equal(2, SchedulerHarness.Placed(cluster.End(1)).Single().ApplicationId);
        Assert.Equal(3000, cluster.Scheduler.Snapshot().Queue("root.org").Used.CpuMillis);
    }

    [Fact]
    public void A_smaller_request_passes_a_blocked_one_of_the_same_queue()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("n1", 2000, 4096);
        cluster.Node("n2", 4000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 1, 3000, 1024);
        Assert.Empty(cluster.Ask(1, 1, 4000, 1024));

        Assert.Single(SchedulerHarness.Placed(cluster.Ask(1, 1, 1000, 1024)));
    }

    [Fact]
    public void The_node_with_the_least_left_over_is_taken()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("big", 16_000, 65_536);
        cluster.Node("snug", 2000, 2048);
        cluster.Submit(1, "root.a");

        Assert.Equal("snug", SchedulerHarness.Placed(cluster.Ask(1, 1, 2000, 2048)).Single().Node);
    }

    [Fact]
    public void A_full_cluster_places_as_soon_as_enough_is_free()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("n1", 2000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 2, 1000, 1024);
        cluster.Submit(2, "root.b");
        Assert.Empty(cluster.Ask(2, 1, 2000, 1024));
        Assert.Empty(cluster.End(1));

        Assert.Equal(2, SchedulerHarness.Placed(cluster.End(2)).Single().ApplicationId);
    }

    [Fact]
    public void Waits_are_measured_from_the_ask()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 1, 1000, 1024);
        cluster.NowMs = 1500;

        Assert.Equal(1500, SchedulerHarness.Placed(cluster.Node("n1", 2000, 4096)).Single().WaitedMs);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), cluster.Scheduler.Snapshot().Queue("root").Waits.Max);
    }

    [Fact]
    public void A_request_nothing_could_ever_hold_is_refused_naming_the_limit()
    {
        var cluster = new SchedulerHarness(QueueTree.Define().Queue("root.a",
            new QueueOptions { Max = new ResourceVector(1000, 1024) }).Queue("root.b").Build());
        cluster.Node("n1", 2000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Submit(2, "root.b");

        Assert.Contains("maximum of queue 'root.a'", Refusal(cluster.Ask(1, 1, 1001, 1)), StringComparison.Ordinal);
        Assert.Contains("cpu 2000m", Refusal(cluster.Ask(2, 1, 2001, 1)), StringComparison.Ordinal);
        Assert.Equal(0, cluster.Scheduler.Snapshot().Queue("root").Pending);
    }

    [Fact]
    public void A_lost_node_loses_its_containers_and_frees_their_queue()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("n1", 2000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 2, 1000, 1024);

        var lost = cluster.Apply(new SchedulerEvent.NodeRemoved(5, "n1"));

        Assert.Equal([1L, 2L], lost.OfType<SchedulerDecision.ContainerLost>().Select(container => container.ContainerId));
        Assert.Equal(ResourceVector.Zero, cluster.Scheduler.Snapshot().Queue("root").Used);
        Assert.Equal(ResourceVector.Zero, cluster.Scheduler.Snapshot().Capacity);
    }

    [Fact]
    public void An_event_that_makes_no_sense_changes_nothing()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        Assert.Contains("'ghost'", ((SchedulerDecision.EventRefused)cluster.Apply(new SchedulerEvent.NodeRemoved(0,
            "ghost")).Single()).Reason, StringComparison.Ordinal);
        Assert.IsType<SchedulerDecision.EventRefused>(cluster.End(77).Single());
        Assert.Contains("'root.none'", ((SchedulerDecision.ApplicationRefused)cluster.Submit(1, "root.none").Single()).Reason,
            StringComparison.Ordinal);
        Assert.IsType<SchedulerDecision.ApplicationRefused>(cluster.Submit(1, "root").Single());
        Assert.IsType<SchedulerDecision.EventRefused>(cluster.Ask(1, 1, 1, 1).Single());
    }

    [Fact]
    public void An_ended_application_drops_its_asks_and_its_containers_are_stopped()
    {
        var cluster = new SchedulerHarness(TwoTeams);
        cluster.Node("n1", 1000, 4096);
        cluster.Submit(1, "root.a");
        cluster.Ask(1, 5, 1000, 1024);

        var decisions = cluster.Apply(new SchedulerEvent.ApplicationEnded(0, 1));

        Assert.Equal(1, decisions.OfType<SchedulerDecision.ContainerStopRequested>().Single().ContainerId);
        Assert.Equal(ApplicationState.Finished, decisions.OfType<SchedulerDecision.ApplicationStateChanged>().Single().State);
        Assert.Empty(cluster.End(1));
        Assert.Equal(0, cluster.Scheduler.Snapshot().Queue("root.a").Applications);
    }

    [Fact]
    public void New_queues_take_effect_and_a_tree_without_a_used_queue_is_refused()
    {
        var cluster = new SchedulerHarness(QueueTree.Define().Queue("root.a",
            new QueueOptions { Max = new ResourceVector(1000, 65_536) }).Build());
        cluster.Node("n1", 4000, 65_536);
        cluster.Submit(1, "root.a");
        Assert.Single(SchedulerHarness.Placed(cluster.Ask(1, 4, 1000, 1024)));

        Assert.Equal(3, cluster.Apply(new SchedulerEvent.QueuesChanged(0, TwoTeams)).Count);
        var refused = (SchedulerDecision.EventRefused)cluster.Apply(new SchedulerEvent.QueuesChanged(0,
            QueueTree.Define().Queue("root.b").Build())).Single();
        Assert.Contains("'root.a'", refused.Reason, StringComparison.Ordinal);
    }

    private static string Refusal(IReadOnlyList<SchedulerDecision> decisions) => ((SchedulerDecision.AskRefused)decisions.Single()).Reason;
}
