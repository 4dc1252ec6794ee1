namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>What one user holds in one leaf.</summary>
internal sealed class QueueUser(string name)
{
    public string Name { get; } = name;

    public ResourceVector Used;

    /// <summary>Its dominant share as a whole number, so that sums over users do not depend on their order.</summary>
    public Int128 ShareUnits { get; set; }

    /// <summary>Its weight among active users, in the same units; counted while it is active.</summary>
    public Int128 WeightUnits { get; set; }

    /// <summary>Applications with something pending that may be placed; a user with any is active.</summary>
    public int Waiting { get; set; }
}
