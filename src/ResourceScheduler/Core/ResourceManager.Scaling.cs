using DataPlatform.ResourceScheduler.Autoscaling;

namespace DataPlatform.ResourceScheduler;

/// <content>What an <see cref="AutoscalerLoop"/> sees of a live manager and asks of it.</content>
public sealed partial class ResourceManager : IScalableCluster
{
    /// <inheritdoc/>
    public ValueTask<(ClusterSnapshot Snapshot, IReadOnlyList<PendingDemand> Demand)> LookAsync(CancellationToken cancellationToken = default)
        => CallAsync(() => (_durable.Scheduler.Snapshot(), _durable.Scheduler.PendingDemand()), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DecommissionAsync(string node, long deadlineMs, bool isInterruption, CancellationToken cancellationToken = default)
        => ChangeNodeAsync(now => new SchedulerEvent.NodeDecommissioned(now, node, deadlineMs) { IsInterruption = isInterruption }, cancellationToken);
}
