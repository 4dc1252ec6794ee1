using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Where a queue stands among its siblings: smaller is served first. It depends on that queue alone, and ends in its number, so
/// the order is total.</summary>
internal readonly record struct OrderKey(int Band, double Ratio, double Second, int Id)
{
    private const int BelowMinimum = 0;
    private const int AboveMinimum = 1;
    private const int NoGuarantee = 2;

    public bool IsBefore(in OrderKey other)
    {
        if (Band != other.Band)
        {
            return Band < other.Band;
        }

        if (Ratio != other.Ratio)
        {
            return Ratio < other.Ratio;
        }

        return Second != other.Second ? Second < other.Second : Id < other.Id;
    }

    public static OrderKey Of(QueuePolicy policy, Queue queue, in ResourceVector total) => policy switch
    {
        QueuePolicy.DominantResourceFairness => ByDominantShare(queue, total),
        QueuePolicy.Fair => ByMemory(queue),
        QueuePolicy.Capacity => ByGuarantee(queue),
        _ => new OrderKey(AboveMinimum, 0, 0, queue.Id),
    };

    private static OrderKey ByDominantShare(Queue queue, in ResourceVector total)
    {
        var needy = DominantShares.UsedOverMinimum(queue.Used, queue.Guarantee, total);
        if (needy < 1)
        {
            return new OrderKey(BelowMinimum, needy, 0, queue.Id);
        }

        var (first, second) = DominantShares.TopTwo(queue.Used, total);
        return new OrderKey(AboveMinimum, PerWeight(first, queue), PerWeight(second, queue), queue.Id);
    }

    private static OrderKey ByMemory(Queue queue)
    {
        var minimum = queue.Guarantee.MemoryMiB;
        return queue.Used.MemoryMiB < minimum
            ? new OrderKey(BelowMinimum, (double)queue.Used.MemoryMiB / minimum, 0, queue.Id)
            : new OrderKey(AboveMinimum, PerWeight(queue.Used.MemoryMiB, queue), 0, queue.Id);
    }

    private static OrderKey ByGuarantee(Queue queue)
    {
        if (queue.Guarantee.IsZero)
        {
            return new OrderKey(NoGuarantee, PerWeight(queue.Used.MemoryMiB, queue), 0, queue.Id);
        }

        var ratio = queue.Used.DominantShare(queue.Guarantee);
        return new OrderKey(ratio < 1 ? BelowMinimum : AboveMinimum, ratio, 0, queue.Id);
    }

    private static double PerWeight(double amount, Queue queue)
        => queue.Options.Weight > 0 ? amount / queue.Options.Weight : double.PositiveInfinity;
}
