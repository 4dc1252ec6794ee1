using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler.Tests.Preemption;

public sealed class GangPreemptionTests
{
    private static readonly SchedulerOptions Options = new()
    {
        Preemption = new PreemptionOptions
        {
            TimeoutMs = 1_000,
            IntervalMs = 1_000,
            GraceMs = 1_000,
            Fair = new FairPreemptionRules { CoolDown = TimeSpan.Zero }
        },
    };

    private static QueueTree TwoQueues => QueueTree.Define().Queue("root.greedy").Queue("root.late").Build();

    [Fact]
    public void A_gang_gets_all_its_places_in_one_round_and_starts_together()
    {
        var harness = Filled();
        Gang(harness, 2);
        var claims = Tick(harness, 5).OfType<SchedulerDecision.Preempted>().ToArray();

        Assert.Equal(2, claims.Length);
        Assert.All(claims, claim => Assert.Equal(2, claim.Claim.Victims.Count));
        var stopped = claims.SelectMany(claim => claim.Claim.Victims).ToArray();
        foreach (var container in stopped[..3])
        {
            Assert.DoesNotContain(SchedulerHarness.Placed(End(harness, container)), placed => placed.ApplicationId == 2);
        }

        Assert.Equal(2, SchedulerHarness.Placed(End(harness, stopped[3])).Count(placed => placed.ApplicationId == 2));
    }

    [Fact]
    public void Nothing_is_stopped_for_a_gang_that_would_not_find_room_for_all()
    {
        var harness = Filled();
        Gang(harness, 3);

        Assert.DoesNotContain(Tick(harness, 20), decision
            => decision is SchedulerDecision.Preempted or SchedulerDecision.PreemptionRejected);
        Assert.All(harness.Scheduler.Snapshot().Nodes, node => Assert.Null(node.ReservedFor));
    }

    [Fact]
    public void A_claim_says_what_the_queue_held_before_and_holds_after()
    {
        var harness = Filled();
        Gang(harness, 2);
        var claim = Tick(harness, 5).OfType<SchedulerDecision.Preempted>().First().Claim;

        Assert.Equal(("root.late", PreemptionTrigger.FairShare), (claim.Queue, claim.Rule));
        Assert.Equal((0L, 2000L, 4000L), (claim.UsedBefore.CpuMillis, claim.UsedAfter.CpuMillis, claim.Entitled.CpuMillis));
        var paid = claim.VictimQueues["root.greedy"];
        Assert.Equal((8000L, 6000L, 4000L), (paid.Before.CpuMillis, paid.After.CpuMillis, paid.Entitled.CpuMillis));
        Assert.True(claim.TimeMs > 0);
    }

    [Fact]
    public void Observing_only_reports_claims_and_stops_nothing()
    {
        var harness = Filled(Options with { Preemption = Options.Preemption with { ObservesOnly = true } });
        Gang(harness, 2);
        var decisions = Tick(harness, 5);

        Assert.All(decisions.OfType<SchedulerDecision.Preempted>(), claim => Assert.True(claim.Claim.IsObservedOnly));
        Assert.Contains(decisions, decision => decision is SchedulerDecision.Preempted);
        Assert.DoesNotContain(decisions, decision => decision is SchedulerDecision.ContainerStopRequested);
    }

    private static SchedulerHarness Filled(SchedulerOptions? options = null)
    {
        var harness = new SchedulerHarness(TwoQueues, options ?? Options);
        harness.Node("n0", 4000, 4096);
        harness.Node("n1", 4000, 4096);
        harness.Submit(1, "root.greedy");
        harness.Ask(1, 100, 1000, 1024);
        return harness;
    }

    private static void Gang(SchedulerHarness harness, int count)
    {
        harness.Submit(2, "root.late");
        harness.Apply(new SchedulerEvent.ContainersAsked(harness.NowMs, 2, 50, new ContainerAsk(new ResourceVector(2000, 2048),
            count)
        { IsGang = true }));
    }

    private static IReadOnlyList<SchedulerDecision> End(SchedulerHarness harness, long container)
        => harness.Apply(new SchedulerEvent.ContainerEnded(harness.NowMs, container, ContainerOutcome.Killed));

    private static List<SchedulerDecision> Tick(SchedulerHarness harness, int seconds)
    {
        var decisions = new List<SchedulerDecision>();
        for (var second = 0; second < seconds; second++)
        {
            decisions.AddRange(harness.Apply(new SchedulerEvent.Tick(harness.NowMs += 1_000)));
        }

        return decisions;
    }
}
