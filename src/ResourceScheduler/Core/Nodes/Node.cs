using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>A node while it is registered.</summary>
internal sealed class Node
{
    public Node(int id, string name, in ResourceVector capacity, NodeProperties properties)
    {
        Id = id;
        Name = name;
        Properties = properties;
        Resize(capacity);
    }

    public int Id { get; }

    public string Name { get; }

    public NodeProperties Properties { get; set; }

    public NodeState State { get; set; }

    public bool IsHealthy { get; set; } = true;

    public bool IsInMaintenance { get; set; }

    public long Epoch { get; set; }

    public long ReportedAtMs { get; set; }

    /// <summary>When a node that is to leave stops what still runs; 0 while it stays.</summary>
    public long LeaveAtMs { get; set; }

    public ResourceVector Capacity { get; private set; }

    public ResourceVector Used;

    /// <summary>Capacity less use; negative where a node came back smaller than what runs on it.</summary>
    public ResourceVector Free;

    /// <summary>What is held by containers that were asked to stop.</summary>
    public ResourceVector Stopping;

    /// <summary>What a gang that is being planned would free here, less what it would take.</summary>
    public ResourceVector Planned;

    /// <summary>What will be free when those asked to stop have ended, less what is promised.</summary>
    public ResourceVector FreeSoon
        => (ReservedFor is { } reserved ? Free + Stopping - (reserved.Definition.Resources * ReservedCount) : Free + Stopping) + Planned;

    public GpuDevices Gpus { get; private set; } = new(0);

    public ContainerSet Containers { get; } = new();

    /// <summary>The ask this node is kept free for.</summary>
    public Ask? ReservedFor { get; set; }

    /// <summary>The search of preemption that found something of a paying queue here.</summary>
    public long MarkedIn { get; set; } = -1;

    /// <summary>How many of its containers it is kept free for.</summary>
    public int ReservedCount { get; set; }

    public long ReservedAtMs { get; set; }

    /// <summary>Failures of containers lately; halves with each success.</summary>
    public double FailureScore { get; set; }

    public void Resize(in ResourceVector capacity)
    {
        Capacity = capacity;
        Free = capacity - Used;
        if (Gpus.Count != capacity.GpuMillis / GpuDevices.DeviceMillis)
        {
            Gpus = new GpuDevices((int)(capacity.GpuMillis / GpuDevices.DeviceMillis));
        }
    }

    public bool HasRoomFor(in ResourceVector size) => size.FitsIn(Free) && (size.GpuMillis == 0 || Gpus.HasRoomFor((int)size.GpuMillis));
}
