namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Who counts in a fair-share calculation, and what bounds a share.</summary>
public enum FairShareMode
{
    /// <summary>Every queue counts, idle or not; demand does not bound.</summary>
    Steady,

    /// <summary>Idle queues get nothing; demand does not bound the others.</summary>
    Active,

    /// <summary>A share is bounded by the demand below; the minimum is cut to that bound.</summary>
    DemandAware,

    /// <summary>First the smaller of guarantee, demand and maximum to all; what is left by priority class, then by weight.</summary>
    GuaranteedThenWeighted,
}
