namespace DataPlatform.ResourceScheduler;

/// <summary>In which order a queue serves what is below it: its child queues, or the applications of a leaf.</summary>
public enum QueuePolicy
{
    /// <summary>Dominant resource fairness: below its minimum first, then the smaller dominant share over weight.</summary>
    DominantResourceFairness,

    /// <summary>Fair by memory alone: below its minimum first, then the smaller memory over weight.</summary>
    Fair,

    /// <summary>Below its guarantee first, then the smaller use over guarantee; queues without a guarantee last.</summary>
    Capacity,

    /// <summary>Higher priority first, then first come.</summary>
    Fifo,
}
