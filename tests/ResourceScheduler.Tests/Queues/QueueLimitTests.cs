using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Queues;

public sealed class QueueLimitTests
{
    private static readonly NodeProperties Gpu = new() { Label = "gpu", IsShareable = true };

    [Fact]
    public void Owners_of_a_label_are_served_before_guests_though_these_come_first_in_order()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.guest").Queue("root.owner",
            new QueueOptions { Labels = ["gpu"] }).Build());
        harness.Submit(1, "root.guest");
        harness.Submit(2, "root.owner");
        harness.Ask(1, 4, 1000, 1024);
        harness.Apply(new SchedulerEvent.ContainersAsked(0, 2, 90, new ContainerAsk(new ResourceVector(1000, 1024),
            2)
        { NodeLabel = "gpu" }));
        var placed = SchedulerHarness.Placed(harness.Apply(
            new SchedulerEvent.NodeRegistered(0, "g", new ResourceVector(3000, 3072)) { Properties = Gpu })).ToArray();

        Assert.Equal([2L, 2L, 1L], placed.Select(container => container.ApplicationId));
    }

    [Fact]
    public void A_guest_takes_room_on_a_labelled_node_when_it_is_freed_and_no_owner_wants_it()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.guest").Build());
        harness.Apply(new SchedulerEvent.NodeRegistered(0, "g", new ResourceVector(1000, 1024)) { Properties = Gpu });
        harness.Submit(1, "root.guest");
        var first = SchedulerHarness.Placed(harness.Ask(1, 2, 1000, 1024)).Single();

        Assert.Single(SchedulerHarness.Placed(harness.End(first.ContainerId)));
    }

    [Fact]
    public void A_queue_holds_no_more_of_a_label_than_its_share()
    {
        var options = new QueueOptions { Labels = ["gpu"], LabelShares = new Dictionary<string, LabelShare> { ["gpu"] = new(0.25, 0.5) } };
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a", options).Build());
        harness.Apply(new SchedulerEvent.NodeRegistered(0, "g", new ResourceVector(4000,
            4096))
        { Properties = Gpu with { IsShareable = false } });
        harness.Node("plain", 4000, 4096);
        harness.Submit(1, "root.a");
        var placed = SchedulerHarness.Placed(harness.Apply(new SchedulerEvent.ContainersAsked(0, 1, 9,
            new ContainerAsk(new ResourceVector(1000, 1024), 4) { NodeLabel = "gpu" }))).ToArray();

        Assert.Equal(["g", "g"], placed.Select(container => container.Node));
        Assert.Contains("at most 50", harness.Scheduler.Explain().Single().Limit, StringComparison.Ordinal);

        // What runs there counts for the new label from now on.
        harness.Apply(new SchedulerEvent.NodePropertiesChanged(0, "g", NodeProperties.None));
        harness.Apply(new SchedulerEvent.NodePropertiesChanged(0, "plain", Gpu));
        Assert.Equal(4, harness.Scheduler.Snapshot().Queue("root.a").Running);
    }

    [Fact]
    public void A_heavier_user_may_hold_more_of_a_contended_leaf()
    {
        var options = new QueueOptions
        {
            UserShareMin = 0.01,
            UserWeights = new Dictionary<string, double> { ["ana"] = 3 },
            Policy = QueuePolicy.Fifo
        };
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a", options).Build());
        harness.Submit(1, "root.a", "ana");
        harness.Submit(2, "root.a", "ben");
        harness.Ask(1, 40, 1000, 1024);
        harness.Ask(2, 40, 1000, 1024);
        harness.Node("n", 16_000, 16 * 1024);

        var users = harness.Scheduler.Snapshot().Queue("root.a").Users;
        Assert.InRange(users["ana"].CpuMillis, 11_000, 13_000);
    }

    [Fact]
    public void Only_the_owner_and_administrators_stop_an_application()
    {
        var options = new QueueOptions { AdministerAccess = new AccessList(["op"]) { Groups = ["staff"] } };
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root", options).Queue("root.a").Build());
        for (var id = 1; id <= 3; id++)
        {
            harness.Submit(id, "root.a", "ana");
        }

        Assert.IsType<SchedulerDecision.EventRefused>(Kill(harness, 1, "eve").Single());
        Assert.IsNotType<SchedulerDecision.EventRefused>(Kill(harness, 1, "ana")[0]);
        Assert.IsNotType<SchedulerDecision.EventRefused>(Kill(harness, 2, "op")[0]);
        Assert.IsNotType<SchedulerDecision.EventRefused>(Kill(harness, 3, "eve", "staff")[0]);
    }

    [Fact]
    public void An_application_that_outlives_its_queues_limit_is_killed()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a", new QueueOptions { LifetimeMaxMs = 1_000 }).Build());
        harness.Submit(1, "root.a");
        Assert.Empty(harness.Apply(new SchedulerEvent.Tick(999)));
        var ended = Assert.IsType<SchedulerDecision.ApplicationStateChanged>(harness.Apply(new SchedulerEvent.Tick(1_000)).Single());
        Assert.Equal(ApplicationState.Killed, ended.State);
    }

    [Fact]
    public void Containers_above_the_largest_allowed_are_refused_and_a_default_label_is_taken()
    {
        var options = new QueueOptions
        {
            ContainerMax = ResourceVector.Unbounded with { MemoryMiB = 100 },
            Labels = ["gpu"],
            DefaultLabel = "gpu"
        };
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a", options).Build());
        harness.Node("plain", 4000, 4096);
        harness.Apply(new SchedulerEvent.NodeRegistered(0, "g", new ResourceVector(4000, 4096)) { Properties = Gpu });
        harness.Submit(1, "root.a");

        Assert.Contains("largest container", Assert.IsType<SchedulerDecision.AskRefused>(harness.Ask(1, 1, 10, 101).Single()).Reason,
            StringComparison.Ordinal);
        Assert.Equal("g", SchedulerHarness.Placed(harness.Ask(1, 1, 10, 100)).Single().Node);
    }

    [Fact]
    public void A_reload_that_would_drop_a_busy_queue_changes_nothing()
    {
        var harness = new SchedulerHarness(QueueTree.Define().Queue("root.a").Queue("root.b").Build());
        harness.Submit(1, "root.a");
        var before = harness.Scheduler.Queues;
        var answer = harness.Apply(new SchedulerEvent.QueuesChanged(0, QueueTree.Define().Queue("root.b",
            new QueueOptions { Weight = 9 }).Build()));

        Assert.Contains("root.a", Assert.IsType<SchedulerDecision.EventRefused>(answer.Single()).Reason, StringComparison.Ordinal);
        Assert.Same(before, harness.Scheduler.Queues);
    }

    private static IReadOnlyList<SchedulerDecision> Kill(SchedulerHarness harness, long id, string user, params string[] groups)
        => harness.Apply(new SchedulerEvent.ApplicationEnded(0, id, ApplicationState.Killed) { User = user, Groups = groups });
}
