namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>A node that the autoscaler asked for.</summary>
internal sealed class ManagedNode(string name, NodeGroup group, long askedAtMs)
{
    public string Name { get; } = name;

    public NodeGroup Group { get; } = group;

    public long AskedAtMs { get; } = askedAtMs;

    public bool HasRegistered { get; set; }

    public bool IsLeaving { get; set; }

    /// <summary>Since when it runs nothing; -1 while it runs something.</summary>
    public long IdleSinceMs { get; set; } = -1;
}
