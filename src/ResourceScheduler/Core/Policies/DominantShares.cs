namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Shares of a whole as dominant resource fairness compares them.</summary>
internal static class DominantShares
{
    /// <summary>The largest and the next largest share of <paramref name="total"/> over CPU, memory and GPU, extras included in the
    /// largest.</summary>
    public static (double First, double Second) TopTwo(in ResourceVector used, in ResourceVector total)
    {
        var cpu = Share(used.CpuMillis, total.CpuMillis);
        var memory = Share(used.MemoryMiB, total.MemoryMiB);
        var gpu = Share(used.GpuMillis, total.GpuMillis);
        var first = Math.Max(cpu, Math.Max(memory, gpu));
        var second = Math.Max(Math.Min(cpu, memory), Math.Min(Math.Max(cpu, memory), gpu));
        if (used.HasExtras)
        {
            var withExtras = used.DominantShare(total);
            return withExtras > first ? (withExtras, first) : (first, second);
        }

        return (first, second);
    }

    /// <summary>Used over minimum on the resource that dominates the use among those with a minimum; at least 1 when it is met or there is
    /// none.</summary>
    public static double UsedOverMinimum(in ResourceVector used, in ResourceVector minimum, in ResourceVector total)
    {
        if (minimum.IsZero)
        {
            return double.PositiveInfinity;
        }

        var (share, ratio) = (-1.0, double.PositiveInfinity);
        Consider(used.MemoryMiB, minimum.MemoryMiB, total.MemoryMiB, ref share, ref ratio);
        Consider(used.CpuMillis, minimum.CpuMillis, total.CpuMillis, ref share, ref ratio);
        Consider(used.GpuMillis, minimum.GpuMillis, total.GpuMillis, ref share, ref ratio);
        return ratio;
    }

    private static void Consider(long used, long minimum, long total, ref double share, ref double ratio)
    {
        var candidate = Share(used, total);
        if (minimum > 0 && candidate > share)
        {
            (share, ratio) = (candidate, (double)used / minimum);
        }
    }

    private static double Share(long amount, long total) => total <= 0 ? 0 : (double)amount / total;
}
