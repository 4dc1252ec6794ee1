using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Applications;

public sealed class ApplicationTests
{
    private static readonly QueueTree One = QueueTree.Define().Queue("root.a").Build();

    [Fact]
    public void An_application_waits_for_its_master_and_fails_after_one_retry()
    {
        var cluster = new SchedulerHarness(One);
        cluster.Node("n1", 4000, 8192);
        var master = Placed(cluster.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1,
            new ApplicationSpecification("app", "root.a", "ana") { Master = new ResourceVector(1000, 1024) }))).Single();
        Assert.Equal(0, master.AskId);
        Assert.Empty(Placed(cluster.Ask(1, 1, 1000, 1024)));

        Assert.Single(Placed(cluster.Apply(new SchedulerEvent.MasterReported(0, 1))));
        var second = Placed(cluster.Apply(new SchedulerEvent.ContainerEnded(0, master.ContainerId, ContainerOutcome.Failed))).Single();
        var last = cluster.Apply(new SchedulerEvent.ContainerEnded(0, second.ContainerId, ContainerOutcome.Failed));

        Assert.Equal(ApplicationState.Failed, last.OfType<SchedulerDecision.ApplicationStateChanged>().Single().State);
        Assert.Single(last.OfType<SchedulerDecision.ContainerStopRequested>());
    }

    [Fact]
    public void A_master_that_falls_silent_is_stopped()
    {
        var cluster = new SchedulerHarness(One, new SchedulerOptions { MasterLostAfterMs = 10_000 });
        cluster.Node("n1", 4000, 8192);
        cluster.Apply(new SchedulerEvent.ApplicationSubmitted(0, 1,
            new ApplicationSpecification("app", "root.a", "ana") { Master = new ResourceVector(1000, 1024) }));
        Assert.Empty(cluster.Apply(new SchedulerEvent.Tick(9_999)));

        Assert.Equal(1,
            cluster.Apply(new SchedulerEvent.Tick(10_000)).OfType<SchedulerDecision.ContainerStopRequested>().Single().ContainerId);
    }

    [Fact]
    public void A_failed_task_is_tried_again_as_often_as_allowed_and_a_bad_node_is_avoided()
    {
        var cluster = new SchedulerHarness(One, new SchedulerOptions { FailuresPerNodeMax = 2 });
        cluster.Node("n1", 1000, 8192);
        cluster.Submit(1, "root.a");
        Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024)) { RetriesMax = 2 });
        Fail(cluster, 1);
        cluster.Node("n2", 1000, 8192);
        var third = Placed(Fail(cluster, 2)).Single();

        Assert.Equal("n2", third.Node);
        Assert.Equal(0, third.Task);
        Assert.Equal(1, Fail(cluster, 3).OfType<SchedulerDecision.AskCompleted>().Single().Failed);
    }

    [Fact]
    public void A_stage_starts_when_the_one_it_depends_on_is_done()
    {
        var cluster = new SchedulerHarness(One);
        cluster.Node("n1", 4000, 8192);
        cluster.Submit(1, "root.a");
        Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024), 2), id: 10);
        Assert.Empty(Placed(Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024)) { DependsOn = [10] }, id: 11)));
        Assert.Empty(Placed(cluster.End(1)));

        Assert.Equal(11, Placed(cluster.End(2)).Single().AskId);
    }

    [Fact]
    public void A_slow_task_gets_a_second_attempt_and_the_loser_counts_for_nothing()
    {
        var cluster = new SchedulerHarness(One);
        cluster.Node("n1", 8000, 81_920);
        cluster.Submit(1, "root.a");
        Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024), 4) { Speculation = new Speculation() });
        cluster.NowMs = 10_000;
        cluster.End(1);
        cluster.End(2);
        cluster.End(3);
        Assert.Empty(cluster.Apply(new SchedulerEvent.Tick(15_000)));

        var second = Placed(cluster.Apply(new SchedulerEvent.Tick(16_000))).Single();
        Assert.True(second.IsSpeculative);
        Assert.Equal(3, second.Task);
        Assert.Empty(Placed(cluster.Apply(new SchedulerEvent.Tick(17_000))));

        Assert.Equal(4, cluster.End(second.ContainerId).OfType<SchedulerDecision.ContainerStopRequested>().Single().ContainerId);
        var done = cluster.Apply(new SchedulerEvent.ContainerEnded(17_500, 4,
            ContainerOutcome.Killed)).OfType<SchedulerDecision.AskCompleted>().Single();
        Assert.Equal(0, done.Failed);
    }

    [Fact]
    public void A_gang_starts_whole_or_not_at_all_and_gives_up_at_its_time_limit()
    {
        var cluster = new SchedulerHarness(One);
        cluster.Node("n1", 2000, 8192);
        cluster.Submit(1, "root.a");
        Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024), 3) { IsGang = true, GangTimeLimitMs = 5_000 }, id: 10);
        Assert.Equal(0, cluster.Scheduler.Snapshot().Queue("root").Running);
        Assert.Equal(3, Placed(cluster.Node("n2", 1000, 8192)).Count());

        Ask(cluster, new ContainerAsk(new ResourceVector(1000, 1024), 2) { IsGang = true, GangTimeLimitMs = 5_000 }, id: 11);
        cluster.End(1);
        Assert.Equal(11, cluster.Apply(new SchedulerEvent.Tick(5_000)).OfType<SchedulerDecision.AskRefused>().Single().AskId);
    }

    [Fact]
    public void Queue_limits_park_refuse_and_let_in()
    {
        var cluster = new SchedulerHarness(QueueTree.Define()
            .Queue("root.a", new QueueOptions { RunningApplicationsMax = 1, ApplicationsMax = 2 })
            .Queue("root.b", new QueueOptions { State = QueueState.Draining })
            .Queue("root.users", new QueueOptions { CreatesLeaves = true, LeafTemplate = new QueueOptions { Weight = 2 } })
            .Build());
        cluster.Node("n1", 4000, 8192);
        cluster.Submit(1, "root.a");
        cluster.Submit(2, "root.a");
        Assert.Empty(Placed(cluster.Ask(2, 1, 1000, 1024)));
        Assert.Contains("maximum", Refused(cluster.Submit(3, "root.a")), StringComparison.Ordinal);
        Assert.Contains("Draining", Refused(cluster.Submit(4, "root.b")), StringComparison.Ordinal);
        cluster.Submit(5, "root.users.ana");
        Assert.Equal(2, cluster.Scheduler.Queues.Find("root.users.ana")!.Options.Weight);

        Assert.Single(Placed(cluster.Apply(new SchedulerEvent.ApplicationEnded(0, 1))));
    }

    [Fact]
    public void Only_those_on_the_access_list_may_submit()
    {
        var closed = new QueueOptions { SubmitAccess = new AccessList(["ana"]) };
        var cluster = new SchedulerHarness(QueueTree.Define().Queue("root",
            new QueueOptions { SubmitAccess = AccessList.Nobody }).Queue("root.a", closed).Build());

        Assert.Contains("'ben'", Refused(cluster.Submit(1, "root.a", "ben")), StringComparison.Ordinal);
        Assert.IsType<SchedulerDecision.ApplicationStateChanged>(cluster.Submit(2, "root.a", "ana").Single());
    }

    [Fact]
    public void Users_of_one_leaf_share_it_down_to_their_minimum()
    {
        var cluster = new SchedulerHarness(QueueTree.Define().Queue("root.a",
            new QueueOptions { Policy = QueuePolicy.Fifo, UserShareMin = 0.5 }).Build());
        cluster.Node("n1", 8000, 81_920);
        cluster.Submit(1, "root.a", "ana");
        cluster.Submit(2, "root.a", "ben");
        cluster.Ask(1, 1, 8000, 1024);
        cluster.Ask(1, 20, 1000, 1024);
        cluster.Ask(2, 20, 1000, 1024);

        cluster.End(1);

        var running = cluster.Scheduler.Snapshot().Applications.Select(application => application.Running).ToArray();
        Assert.Equal(8, running.Sum());
        Assert.InRange(running[0], 4, 5);
    }

    private static IReadOnlyList<SchedulerDecision> Ask(SchedulerHarness cluster, ContainerAsk ask, long id = 1)
        => cluster.Apply(new SchedulerEvent.ContainersAsked(cluster.NowMs, 1, id, ask));

    private static IReadOnlyList<SchedulerDecision> Fail(SchedulerHarness cluster, long container)
        => cluster.Apply(new SchedulerEvent.ContainerEnded(cluster.NowMs, container, ContainerOutcome.Failed));

    private static IEnumerable<SchedulerDecision.ContainerPlaced> Placed(IEnumerable<SchedulerDecision> decisions)
        => SchedulerHarness.Placed(decisions);

    private static string Refused(IReadOnlyList<SchedulerDecision> decisions)
        => ((SchedulerDecision.ApplicationRefused)decisions.Single()).Reason;
}
