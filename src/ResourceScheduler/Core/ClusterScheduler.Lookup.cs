using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>What the loop around the scheduler looks up in it.</content>
public sealed partial class ClusterScheduler
{
    /// <summary>The largest number that an application or an ask has had so far; 0 when there was none.</summary>
    internal long LastId { get; private set; }

    internal IEnumerable<Application> Applications => _applications.Values;

    internal Container? FindContainer(long id) => _containers.GetValueOrDefault(id);

    internal Application? FindApplication(long id) => _applications.GetValueOrDefault(id);

    internal Ask? FindAsk(long id) => _asks.GetValueOrDefault(id);

    internal Node? FindNode(string name) => _nodes.Find(name);

    internal IEnumerable<Container> ContainersOn(string node) => _nodes.Find(node)?.Containers.InOrder() ?? [];

    internal IEnumerable<(string Name, long Epoch)> NodeEpochs() => _nodes.All.Select(node => (node.Name, node.Epoch));
}
