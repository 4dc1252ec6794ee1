using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>What a <see cref="NodeAgent"/> makes of this machine.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>Names the node and where it keeps its containers.</summary>
    /// <param name="name">The node's unique name.</param>
    /// <param name="folder">Its folder; each agent of a machine has its own.</param>
    public NodeAgentOptions(string name, string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Name = name;
        Folder = folder;
    }

    /// <summary>The node's unique name.</summary>
    public string Name { get; }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>What it offers. Default all processors of the machine and nine tenths of its memory; a machine that is to be several nodes
    /// gives each a part.</summary>
    public ResourceVector Capacity { get; init; } = new(
        Environment.ProcessorCount * 1_000L, (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 0.9) >> 20);

    /// <summary>Label, attributes and rack; the attribute <c>isolation</c> is added.</summary>
    public NodeProperties Properties { get; init; } = NodeProperties.None;

    /// <summary>What keeps containers within their limits. Default the strongest that works here.</summary>
    public ContainerIsolation? Isolation { get; init; }

    /// <summary>Between two heartbeats. Default 3 s, as in YARN; the end of a container is reported at once.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two attempts to reach a manager. Default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Folders of ended containers that are kept for people. Default 1,000.</summary>
    public int FoldersMax { get; init; } = 1_000;

    /// <summary>Whether the node is fit for new containers, asked before each heartbeat. Default always.</summary>
    public Func<bool> IsHealthy { get; init; } = static () => true;
}
