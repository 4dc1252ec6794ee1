namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>What capacity preemption wants.</summary>
/// <param name="Ideal">What each queue should hold, by path.</param>
/// <param name="Preempt">What is taken from each leaf in this round, by path.</param>
public sealed record CapacityPreemptionPlan(IReadOnlyDictionary<string, double> Ideal, IReadOnlyDictionary<string, double> Preempt);
