namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>A queue as it competes for the nodes of one label.</summary>
/// <param name="Id">Its name.</param>
/// <param name="HasAccess">Whether the label is its own; others are guests on shareable nodes.</param>
/// <param name="Capacity">Its capacity on the label.</param>
/// <param name="Used">What it uses on the label.</param>
public sealed record PartitionCompetitor(string Id, bool HasAccess, double Capacity, double Used);

/// <summary>Who is served first on labelled nodes: owners before guests, then the smaller use over capacity, then the larger capacity,
/// then the name.</summary>
public sealed class PartitionOrder : IComparer<PartitionCompetitor>
{
    /// <inheritdoc/>
    public int Compare(PartitionCompetitor? x, PartitionCompetitor? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var byAccess = y.HasAccess.CompareTo(x.HasAccess);
        if (byAccess != 0)
        {
            return byAccess;
        }

        // A queue without capacity on the label is full from the first unit on; among such queues the amount decides.
        var byRatio = Ratio(x).CompareTo(Ratio(y));
        var byUse = byRatio != 0 ? byRatio : x.Capacity <= 0 && y.Capacity <= 0 ? x.Used.CompareTo(y.Used) : 0;
        var byCapacity = byUse != 0 ? byUse : y.Capacity.CompareTo(x.Capacity);
        return byCapacity != 0 ? byCapacity : string.CompareOrdinal(x.Id, y.Id);
    }

    private static double Ratio(PartitionCompetitor queue)
        => queue.Used <= 0 ? 0 : queue.Capacity <= 0 ? double.PositiveInfinity : queue.Used / queue.Capacity;
}
