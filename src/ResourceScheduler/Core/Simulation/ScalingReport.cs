using DataPlatform.ResourceScheduler.Autoscaling;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>What scaling did and cost in a simulation.</summary>
/// <param name="Costs">By group.</param>
/// <param name="Cost">In all.</param>
/// <param name="OnDemandCost">What the same hours would have cost on demand, where a group of the same shape is to be had on
/// demand.</param>
/// <param name="NodesMax">The most nodes there were at once.</param>
/// <param name="SavedSeconds">Work of containers on nodes that were taken away, kept by their checkpoints.</param>
public sealed record ScalingReport(IReadOnlyList<CloudCost> Costs, double Cost, double OnDemandCost, int NodesMax, double SavedSeconds);
