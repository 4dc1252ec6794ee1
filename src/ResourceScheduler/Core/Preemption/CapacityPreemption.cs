namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Finds what each queue should hold when guarantees are honoured and the rest is lent, and what must be taken to get
/// there.</summary>
/// <remarks>
/// Level by level from the root. Everybody starts with the smaller of use and guarantee, plus what cannot be taken from it. The rest is
/// offered
/// to the least satisfied first (below guarantee before above, then higher priority, then smaller ideal over guarantee), in proportion to
/// guarantees, until nobody wants more. A leaf pays only what its whole path holds too much of, because a parent's ideal is all its
/// children share.
/// </remarks>
public static class CapacityPreemption
{
    /// <summary>Plans one round.</summary>
    /// <param name="total">What there is.</param>
    /// <param name="queues">All queues, in any order; a parent that is not listed is the sum of its children.</param>
    /// <param name="rules">How hard to act.</param>
    public static CapacityPreemptionPlan Plan(double total, IReadOnlyList<PreemptionQueue> queues, CapacityPreemptionRules rules)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(rules);
        var root = PreemptionMember.Build(queues);
        root.Ideal = total;
        var ideal = new Dictionary<string, double>(StringComparer.Ordinal);
        var preempt = new Dictionary<string, double>(StringComparer.Ordinal);
        Level(root, total * rules.PerRoundMax, rules, ideal, preempt);
        return new CapacityPreemptionPlan(ideal, preempt);
    }

    private static void Level(
        PreemptionMember parent, double allowed, CapacityPreemptionRules rules, Dictionary<string, double> ideal, Dictionary<string,
            double> preempt)
    {
        IdealShares.Distribute(parent.Children, parent.Ideal, rules.BalanceBeyondGuarantee);
        var owed = parent.Children.Sum(child => Math.Max(0, child.Used - child.Ideal));
        var scale = owed > allowed ? allowed / owed : 1;
        foreach (var child in parent.Children)
        {
            ideal[child.Path] = child.Ideal;
            if (child.Children.Count > 0)
            {
                Level(child, allowed, rules, ideal, preempt);
                continue;
            }

            var acts = child.Used > child.Guaranteed * (1 + rules.DeadZone);
            preempt[child.Path] = acts ? Math.Max(0, child.Used - child.Ideal) * scale * rules.NaturalTerminationFactor : 0;
        }
    }
}
