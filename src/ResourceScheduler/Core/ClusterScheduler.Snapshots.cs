using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <content>What readers see.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>The present state. It does not change afterwards.</summary>
    public ClusterSnapshot Snapshot()
    {
        RefreshShares();
        var shares = QueueShares.Compute(_root, _nodes.Total);
        var steady = QueueShares.Compute(_root, _nodes.Total, isSteady: true);
        return new ClusterSnapshot(
            _nowMs,
            _nodes.Total,
            _nodes.Used,
            [.. _queues.Values.Select(queue => Snapshot(queue, shares[queue.Id], steady[queue.Id]))],
            [.. _nodes.All.Select(node => new NodeSnapshot(node.Name, node.Capacity, node.Used, node.Containers.Count)
            {
                State = node.State,
                Properties = node.Properties,
                ReservedFor = node.ReservedFor?.Application.Definition.Name,
            })])
        {
            Applications = [.. _applications.Values.Select(application => new ApplicationSnapshot(
                application.Id, application.Definition.Name, application.Leaf.Path, application.Definition.User, application.State,
                application.Used, application.Running.Count, application.Asks.Values.Sum(ask => ask.Pending)))],
            ParkedApplications = _parked.Count,
        };
    }

    private static QueueSnapshot Snapshot(Queue queue, in ResourceVector share, in ResourceVector steady) => new(
        queue.Path, queue.Used, share, queue.Pending, queue.PendingContainers, queue.Running, queue.ApplicationCount,
        new WaitStatistics(queue.Waits.Count, TimeSpan.FromMilliseconds(queue.Waits.TotalMs), TimeSpan.FromMilliseconds(queue.Waits.MaxMs)))
    {
        Guarantee = queue.Guarantee,
        Max = queue.Max,
        SteadyShare = steady,
        UsersPending = PendingByUser(queue),
        Users = queue.Users.Where(user => !user.Used.IsZero || user.Waiting > 0).ToDictionary(user => user.Name, user => user.Used,
            StringComparer.Ordinal),
    };

    private static SortedDictionary<string, ResourceVector> PendingByUser(Queue leaf)
    {
        var pending = new SortedDictionary<string, ResourceVector>(StringComparer.Ordinal);
        foreach (var application in leaf.Waiting)
        {
            foreach (var ask in application.Waiting)
            {
                pending[application.User.Name] = pending.GetValueOrDefault(application.User.Name)
                    + (ask.Definition.Resources * ask.Pending);
            }
        }

        return pending;
    }
}
