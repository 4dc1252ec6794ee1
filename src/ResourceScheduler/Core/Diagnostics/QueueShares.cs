using DataPlatform.ResourceScheduler.Policies;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>Demand-aware fair shares of every queue, resource by resource, from the root down.</summary>
internal static class QueueShares
{
    /// <summary>The whole-unit fair share of each queue, by its number.</summary>
    /// <param name="root">The root.</param>
    /// <param name="total">What there is.</param>
    /// <param name="isSteady">Whether every queue counts as busy with no end.</param>
    public static Dictionary<int, ResourceVector> Compute(Queue root, in ResourceVector total, bool isSteady = false)
    {
        var shares = new Dictionary<int, ResourceVector>();
        var own = ResourceVector.Min(total, root.Max);
        Descend(root, isSteady ? own : ResourceVector.Min(own, root.Used + root.Pending), shares, isSteady);
        return shares;
    }

    private static void Descend(Queue queue, in ResourceVector share, Dictionary<int, ResourceVector> shares, bool isSteady)
    {
        shares[queue.Id] = share;
        if (queue.Children.Count == 0)
        {
            return;
        }

        var cpu = Split(queue, share.CpuMillis, isSteady, static vector => vector.CpuMillis);
        var memory = Split(queue, share.MemoryMiB, isSteady, static vector => vector.MemoryMiB);
        var gpu = Split(queue, share.GpuMillis, isSteady, static vector => vector.GpuMillis);
        for (var i = 0; i < queue.Children.Count; i++)
        {
            Descend(queue.Children[i], new ResourceVector(cpu[i], memory[i], gpu[i]), shares, isSteady);
        }
    }

    private static long[] Split(Queue queue, long amount, bool isSteady, Func<ResourceVector, long> of)
    {
        var claims = new FairShareClaim[queue.Children.Count];
        for (var i = 0; i < claims.Length; i++)
        {
            var child = queue.Children[i];
            var cap = isSteady ? of(child.Max) : Math.Min(of(child.Max), of(child.Used) + of(child.Pending));
            claims[i] = new FairShareClaim(child.Options.Weight, Math.Min(of(child.Guarantee), cap), cap);
        }

        var exact = new double[claims.Length];
        FairShares.Fill(amount, claims, exact);
        return LargestRemainder.Round(exact);
    }
}
