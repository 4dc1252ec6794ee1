using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>Nodes coming, reporting and going.</content>
public sealed partial class ClusterScheduler
{
    private const double FailureScoreMax = 3;
    private bool _isTotalStale;

    private void Register(SchedulerEvent.NodeRegistered registered)
    {
        var node = _nodes.Find(registered.Node);
        if (node is not null && registered.Epoch < node.Epoch)
        {
            Refuse($"Node '{node.Name}' registered with epoch {registered.Epoch} after it had registered with {node.Epoch}: an old agent is still running.");
            return;
        }

        if (node is null)
        {
            node = _nodes.Add(registered.Node, registered.Capacity, registered.Properties);
        }
        else
        {
            _nodes.Resize(node, registered.Capacity);
            Relabel(node, registered.Properties);
            Reconcile(node, registered.Running);
        }

        node.Epoch = registered.Epoch;
        node.ReportedAtMs = _nowMs;
        node.IsHealthy = true;
        node.LeaveAtMs = 0;
        StopUnknown(node, registered.Running);
        Stand(node, "registered");
        TotalChanged();
        _shapes.RetryAll();
    }

    /// <summary>What a node no longer runs is lost; what it runs is kept.</summary>
    private void Reconcile(Node node, IReadOnlyList<long>? running)
    {
        if (running is null)
        {
            return;
        }

        var kept = running.ToHashSet();
        foreach (var container in node.Containers.InOrder())
        {
            if (!kept.Contains(container.Id))
            {
                Lose(container);
            }
        }
    }

    /// <summary>What a node runs without our knowing belongs to nobody and is stopped.</summary>
    private void StopUnknown(Node node, IReadOnlyList<long>? running)
    {
        foreach (var id in running ?? [])
        {
            if (!_containers.TryGetValue(id, out var container) || container.Node != node)
            {
                _decisions.Add(new SchedulerDecision.ContainerStopRequested(id, node.Name, "the scheduler does not know it on this node"));
            }
        }
    }

    private void Report(SchedulerEvent.NodeReported reported)
    {
        if (_nodes.Find(reported.Node) is not { } node)
        {
            Refuse($"Node '{reported.Node}' reported but is not registered, or was given up: it has to register again.");
            return;
        }

        if (reported.Epoch != node.Epoch)
        {
            Refuse($"Node '{node.Name}' reported with epoch {reported.Epoch}; epoch {node.Epoch} is in force.");
            return;
        }

        node.ReportedAtMs = _nowMs;
        node.IsHealthy = reported.IsHealthy;
        foreach (var ended in reported.Ended)
        {
            if (_containers.TryGetValue(ended.ContainerId, out var container) && container.Node == node)
            {
                Release(container, ended.Outcome);
            }
        }

        Stand(node, reported.IsHealthy ? "reports" : "reports itself sick");
    }

    private void Remove(SchedulerEvent.NodeRemoved removed)
    {
        if (_nodes.Find(removed.Node) is { } node)
        {
            GiveUp(node, NodeState.Lost, "removed");
        }
        else
        {
            Refuse($"Node '{removed.Node}' is not registered, so it cannot be removed.");
        }
    }

    private void Decommission(SchedulerEvent.NodeDecommissioned decommissioned)
    {
        if (_nodes.Find(decommissioned.Node) is not { } node)
        {
            Refuse($"Node '{decommissioned.Node}' is not registered, so it cannot be decommissioned.");
            return;
        }

        node.LeaveAtMs = Math.Max(1, decommissioned.DeadlineMs);
        Stand(node, decommissioned.IsInterruption ? "will be taken away" : "decommissioned");
        if (decommissioned.IsInterruption)
        {
            foreach (var container in node.Containers)
            {
                // Its end is not its own doing, so it counts as one that was stopped for others.
                container.IsVictim = true;
                _decisions.Add(new SchedulerDecision.CheckpointRequested(container.Id, node.Name, decommissioned.DeadlineMs));
            }
        }

        LeaveIfEmpty(node);
    }

    private void Maintain(SchedulerEvent.NodeMaintenance maintenance)
    {
        if (_nodes.Find(maintenance.Node) is not { } node)
        {
            Refuse($"Node '{maintenance.Node}' is not registered.");
            return;
        }

        node.IsInMaintenance = maintenance.IsOn;
        Stand(node, maintenance.IsOn ? "maintenance begins" : "maintenance is over");
    }

    private void ChangeProperties(SchedulerEvent.NodePropertiesChanged changed)
    {
        if (_nodes.Find(changed.Node) is not { } node)
        {
            Refuse($"Node '{changed.Node}' is not registered.");
            return;
        }

        Relabel(node, changed.Properties);
        Unreserve(node);
        _shapes.RetryAll();
    }

    /// <summary>What runs on the node counts for the new label from now on.</summary>
    private void Relabel(Node node, NodeProperties properties)
    {
        foreach (var container in node.Containers)
        {
            ChargeLabel(container, -1);
        }

        _nodes.Relabel(node, properties);
        foreach (var container in node.Containers)
        {
            ChargeLabel(container, 1);
        }

        // Limits on a label depend on what its nodes have.
        TotalChanged();
    }

    /// <summary>Works out how a node stands from what is known of it, and says so when that changed.</summary>
    private void Stand(Node node, string reason)
    {
        var silent = _options.NodeSuspectAfterMs > 0 && _nowMs - node.ReportedAtMs >= _options.NodeSuspectAfterMs;
        var state = node.LeaveAtMs > 0 ? NodeState.Decommissioning
            : node.IsInMaintenance ? NodeState.Maintenance
            : silent || !node.IsHealthy || node.FailureScore >= FailureScoreMax ? NodeState.Suspect
            : NodeState.Active;
        if (state == node.State)
        {
            return;
        }

        _nodes.Leaving += (state == NodeState.Decommissioning ? 1 : 0) - (node.State == NodeState.Decommissioning ? 1 : 0);
        node.State = state;
        _decisions.Add(new SchedulerDecision.NodeStateChanged(node.Name, state, reason));
        if (state == NodeState.Active)
        {
            _shapes.Freed(node);
        }
        else
        {
            Unreserve(node);
        }
    }

    private void LeaveIfEmpty(Node node)
    {
        if (node.LeaveAtMs > 0 && node.Containers.Count == 0)
        {
            GiveUp(node, NodeState.Decommissioned, "its last container ended");
        }
    }

    private void GiveUp(Node node, NodeState state, string reason)
    {
        Unreserve(node);
        foreach (var container in node.Containers.InOrder())
        {
            Lose(container);
        }

        _nodes.Leaving -= node.State == NodeState.Decommissioning ? 1 : 0;
        node.State = state;
        _nodes.Remove(node);
        _shapes.RetryAll();
        _decisions.Add(new SchedulerDecision.NodeStateChanged(node.Name, state, reason));
        TotalChanged();
    }

    private void Lose(Container container)
    {
        _decisions.Add(new SchedulerDecision.ContainerLost(container.Id, container.Ask.IsMaster ? 0 : container.Ask.Id,
            container.Node.Name));
        Release(container, ContainerOutcome.Lost);
    }

    /// <summary>Shares are relative to the cluster, so limits and every queue's place among its siblings may have changed. They are worked
    /// out when somebody needs them: nodes tend to come by the thousand before any work does.</summary>
    private void TotalChanged() => _isTotalStale = true;

    private void RefreshShares()
    {
        if (!_isTotalStale)
        {
            return;
        }

        _isTotalStale = false;
        _root.RefreshLimits(_nodes.Total);
        foreach (var application in _applications.Values)
        {
            application.DominantShare = application.Used.DominantShare(_nodes.Total);
        }

        foreach (var queue in _queues.Values)
        {
            queue.AllUseChanged(_nodes.Total);
        }
    }
}
