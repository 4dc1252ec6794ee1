namespace DataPlatform.ResourceScheduler;

/// <summary>Settings of one queue. Immutable.</summary>
public sealed record QueueOptions
{
    /// <summary>The share among siblings, relative to their weights. Default 1; 0 means the minimum only.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What the queue is guaranteed while it has demand. Default nothing; a parent without one is guaranteed the sum of its children's.</summary>
    public ResourceVector Min { get; init; }

    /// <summary>What the queue and everything below it may never exceed. Default unbounded; an extra that is not named is not bounded.</summary>
    public ResourceVector Max { get; init; } = ResourceVector.Unbounded;

    /// <summary>The order in which children or applications are served. Default dominant resource fairness.</summary>
    public QueuePolicy Policy { get; init; } = QueuePolicy.DominantResourceFairness;
}
