using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>What changed on a node since its last heartbeat that was taken.</summary>
/// <param name="Name">The node.</param>
/// <param name="Epoch">The epoch it registered with.</param>
/// <param name="Ended">Containers that ended; repeated until a heartbeat with them was taken.</param>
/// <param name="IsHealthy">Whether it finds itself fit for new containers.</param>
public sealed record NodeHeartbeat(string Name, long Epoch, IReadOnlyList<EndedContainer> Ended, bool IsHealthy = true);
