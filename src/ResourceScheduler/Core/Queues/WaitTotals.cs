namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>How long containers of a queue waited from ask to placement.</summary>
internal sealed class WaitTotals
{
    public long Count { get; private set; }

    public long TotalMs { get; private set; }

    public long MaxMs { get; private set; }

    public void Restore(long count, long totalMs, long maxMs) => (Count, TotalMs, MaxMs) = (count, totalMs, maxMs);

    public void Add(long waitedMs)
    {
        Count++;
        TotalMs += waitedMs;
        MaxMs = Math.Max(MaxMs, waitedMs);
    }
}
