using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Autoscaling;

namespace DataPlatform.ResourceScheduler;

/// <content>What more nodes would help.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>What waits for nothing but room, by application and ask: limits of queues and users let it start, but no node has room.
    /// More
    /// nodes would help these, and only these.</summary>
    public IReadOnlyList<PendingDemand> PendingDemand()
    {
        RefreshShares();
        return [.. _applications.Values.SelectMany(application => application.Waiting).Where(ask => LimitOf(ask) is null).Select(Demand)];
    }

    private PendingDemand Demand(Ask ask)
        => new(ask.Application.Leaf.Path, ask.Definition.Resources, ask.Pending, ask.Definition.NodeLabel, _nowMs - ask.NextToRun().SinceMs)
        {
            Attributes = ask.Definition.Attributes,
        };
}
