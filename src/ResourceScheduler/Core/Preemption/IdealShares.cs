namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Hands one amount to siblings: guarantees in use first, then offers to the least satisfied.</summary>
internal static class IdealShares
{
    private const double Slack = 1e-9;

    public static void Distribute(List<PreemptionMember> siblings, double amount, bool balance)
    {
        var left = Fill([.. siblings.Where(queue => queue.Guaranteed > 0)], amount, balance, byGuarantee: true);

        // Without a guarantee there is no ratio to be satisfied by: such queues share what the others leave, in equal parts.
        Fill([.. siblings.Where(queue => queue.Guaranteed <= 0)], left, balance, byGuarantee: false);
    }

    private static double Fill(List<PreemptionMember> queues, double amount, bool balance, bool byGuarantee)
    {
        var wanting = new List<PreemptionMember>();
        foreach (var queue in queues)
        {
            queue.Ideal = queue.Used > queue.Guaranteed ? queue.Guaranteed + queue.Untouchable : queue.Used;
            amount -= queue.Ideal;
            if (queue.Ideal < queue.Used + queue.Pending)
            {
                wanting.Add(queue);
            }
        }

        while (wanting.Count > 0 && amount > Slack)
        {
            amount -= Offer(wanting, amount, balance, byGuarantee);
        }

        return Math.Max(0, amount);
    }

    /// <summary>One round of offers to those nobody stands before; who takes nothing wants nothing more.</summary>
    private static double Offer(List<PreemptionMember> wanting, double amount, bool balance, bool byGuarantee)
    {
        var sum = byGuarantee ? wanting.Sum(queue => queue.Guaranteed) : wanting.Count;
        var first = wanting.Aggregate((best, queue) => Compare(queue, best) < 0 ? queue : best);
        var taken = 0.0;
        foreach (var queue in wanting.Where(queue => Compare(queue, first) == 0).ToArray())
        {
            var offered = amount * (byGuarantee ? queue.Guaranteed : 1) / sum;
            var accepted = Accept(queue, offered, balance);
            queue.Ideal += accepted;
            taken += accepted;
            if (accepted <= Slack)
            {
                wanting.Remove(queue);
            }
        }

        return taken;
    }

    private static double Accept(PreemptionMember queue, double offered, bool balance)
    {
        var wanted = Math.Min(queue.Max, queue.Used + queue.Pending);
        if (queue.IsLeaf && !balance)
        {
            wanted = Math.Min(wanted, Math.Max(queue.Guaranteed, queue.Used));
        }

        return Math.Max(0, Math.Min(offered, wanted - queue.Ideal));
    }

    private static int Compare(PreemptionMember left, PreemptionMember right)
    {
        var byAccess = left.IsGuest.CompareTo(right.IsGuest);
        if (byAccess != 0)
        {
            return byAccess;
        }

        var (mine, other) = (Ratio(left), Ratio(right));
        return left.Priority != right.Priority && mine < 1 - Slack == other < 1 - Slack
            ? right.Priority.CompareTo(left.Priority)
            : Math.Abs(mine - other) <= Slack ? 0 : mine.CompareTo(other);
    }

    private static double Ratio(PreemptionMember queue) => queue.Guaranteed > 0 ? queue.Ideal / queue.Guaranteed : 1;
}
