namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>What dominant resource fairness gave to each user.</summary>
/// <param name="Tasks">Tasks by user.</param>
/// <param name="DominantShares">Largest share of any resource, by user.</param>
/// <param name="Sequence">Who was served, task by task; empty for a fluid allocation.</param>
public sealed record DrfAllocation(
    IReadOnlyDictionary<string, double> Tasks, IReadOnlyDictionary<string, double> DominantShares, IReadOnlyList<string> Sequence);
