namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>A running cluster as the autoscaler's loop sees it.</summary>
public interface IScalableCluster
{
    /// <summary>The present state, and what waits for nothing but room.</summary>
    /// <param name="cancellationToken">Cancelled: nothing happened.</param>
    ValueTask<(ClusterSnapshot Snapshot, IReadOnlyList<PendingDemand> Demand)> LookAsync(CancellationToken cancellationToken);

    /// <summary>Tells the scheduler that a node is to leave.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="deadlineMs">When the rest of its containers is stopped, on the scheduler's clock.</param>
    /// <param name="isInterruption">Whether it is taken away then, whatever runs.</param>
    /// <param name="cancellationToken">Cancelled: it may or may not have been told.</param>
    ValueTask DecommissionAsync(string node, long deadlineMs, bool isInterruption, CancellationToken cancellationToken);
}
