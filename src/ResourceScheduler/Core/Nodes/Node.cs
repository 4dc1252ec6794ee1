using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>A node while it is registered.</summary>
internal sealed class Node(int id, string name, ResourceVector capacity)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    public ResourceVector Capacity { get; set; } = capacity;

    public ResourceVector Used;

    /// <summary>Capacity less use; negative where a node came back smaller than what runs on it.</summary>
    public ResourceVector Free => Capacity - Used;

    /// <summary>By number, so that what is lost with a node is lost in one order.</summary>
    public SortedDictionary<long, Container> Containers { get; } = [];
}
