using CsCheck;
using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler.Tests.Preemption;

public sealed class PreemptionPropertyTests
{
    private const int SecondsToRest = 240;

    /// <summary>Nothing new comes and nothing ends by itself, so preemption has to come to rest: work that was put back fights
    /// nobody.</summary>
    [Fact]
    public void Preemption_breaks_no_law_comes_to_rest_and_makes_no_circle()
        => Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var scenario = new PreemptionScenario(seed);
                scenario.Run(SecondsToRest);

                Assert.DoesNotContain(scenario.All, decision => decision is SchedulerDecision.PreemptionRejected);
                Assert.InRange(scenario.LastClaimMs, 0, (SecondsToRest - 60) * 1_000);
                Assert.False(HasCircle(scenario.Evictions));
                Assert.Empty(scenario.TornGangs());
                Assert.All(scenario.Scheduler.Snapshot().Nodes, node => Assert.True(node.Used.FitsIn(node.Capacity)));
            },
            iter: 300, threads: 1);

    [Fact]
    public void The_same_events_give_the_same_claims()
        => Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var (first, second) = (new PreemptionScenario(seed), new PreemptionScenario(seed));
                first.Run(60);
                second.Run(60);
                Assert.Equal(Texts(first), Texts(second));
            },
            iter: 40, threads: 1);

    [Fact]
    public void Scenarios_do_preempt_by_every_trigger()
    {
        var triggers = Enumerable.Range(0, 60).Select(seed =>
        {
            var scenario = new PreemptionScenario(seed);
            scenario.Run(60);
            return (scenario.Trigger, scenario.Evictions.Count);
        }).Where(item => item.Count > 0).Select(item => item.Trigger).Distinct().Order();

        Assert.Equal([PreemptionTrigger.MinimumShare, PreemptionTrigger.FairShare, PreemptionTrigger.Capacity], triggers);
    }

    private static IEnumerable<string> Texts(PreemptionScenario scenario) => scenario.All.Select(decision => decision.ToString());

    private static bool HasCircle(HashSet<(long Beneficiary, long Victim)> evictions)
    {
        var left = evictions.ToHashSet();
        while (left.RemoveWhere(edge => !left.Any(other => other.Beneficiary == edge.Victim)) > 0)
        {
        }

        return left.Count > 0;
    }
}
