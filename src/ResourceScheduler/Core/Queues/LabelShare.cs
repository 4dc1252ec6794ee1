namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>What a queue has of the nodes of one label.</summary>
/// <param name="Capacity">Its guarantee there, as a fraction of what its parent is guaranteed there, 0 to 1.</param>
/// <param name="MaxCapacity">Its maximum there, as a fraction of its parent's, 0 to 1. Default 1.</param>
public readonly record struct LabelShare(double Capacity, double MaxCapacity = 1);
