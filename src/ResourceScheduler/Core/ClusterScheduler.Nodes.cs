using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler;

/// <content>Nodes coming and going.</content>
public sealed partial class ClusterScheduler
{
    private void Register(SchedulerEvent.NodeRegistered registered)
    {
        var node = _nodes.Find(registered.Node);
        if (node is null)
        {
            node = _nodes.Add(registered.Node, registered.Capacity);
        }
        else
        {
            _nodes.Resize(node, registered.Capacity);
        }

        TotalChanged();
        _shapes.Freed(node.Free);
    }

    private void Remove(SchedulerEvent.NodeRemoved removed)
    {
        if (_nodes.Find(removed.Node) is not { } node)
        {
            Refuse($"Node '{removed.Node}' is not registered, so it cannot be removed.");
            return;
        }

        foreach (var container in node.Containers.Values.ToArray())
        {
            _decisions.Add(new SchedulerDecision.ContainerLost(container.Id, container.Ask.Id, node.Name));
            Release(container);
        }

        _nodes.Remove(node);
        TotalChanged();
    }

    /// <summary>Shares are relative to the cluster, so every queue's place among its siblings may have changed.</summary>
    private void TotalChanged()
    {
        foreach (var queue in _queues.Values)
        {
            queue.RefreshOrder(_nodes.Total);
            queue.EaseVersion++;
        }

        foreach (var application in _applications.Values)
        {
            application.DominantShare = application.Used.DominantShare(_nodes.Total);
        }
    }

    private void Free(Container container)
    {
        _nodes.Give(container.Node, container.Resources);
        container.Node.Containers.Remove(container.Id);
        _shapes.Freed(container.Node.Free);
    }
}
