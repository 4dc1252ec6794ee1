namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>How hard capacity preemption acts.</summary>
public sealed record CapacityPreemptionRules
{
    /// <summary>A queue pays only when it holds more than its guarantee by this fraction. Default 0.1, as in YARN.</summary>
    public double DeadZone { get; init; } = 0.1;

    /// <summary>The fraction of the cluster one round may take. Default 0.1, as in YARN.</summary>
    public double PerRoundMax { get; init; } = 0.1;

    /// <summary>The fraction of what is owed that one round takes, in the hope that containers end by themselves. Default 0.2, as in
    /// YARN.</summary>
    public double NaturalTerminationFactor { get; init; } = 0.2;

    /// <summary>Whether queues above their guarantee are balanced against each other too. Default no.</summary>
    public bool BalanceBeyondGuarantee { get; init; }
}
