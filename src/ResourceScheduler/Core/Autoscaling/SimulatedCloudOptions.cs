namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>How a simulated cloud behaves. Immutable. Times are virtual milliseconds.</summary>
public sealed record SimulatedCloudOptions
{
    /// <summary>From asking for a node to its registration. Default 60,000.</summary>
    public long StartMs { get; init; } = 60_000;

    /// <summary>How often a spot node is taken away per hour it runs, on average. Default 0.05.</summary>
    public double InterruptionsPerHour { get; init; } = 0.05;

    /// <summary>From the notice to the end of a spot node. Default 120,000: two minutes.</summary>
    public long NoticeMs { get; init; } = 120_000;

    /// <summary>Nodes of one group it has at most. Default no bound.</summary>
    public int NodesPerGroupMax { get; init; } = int.MaxValue;

    /// <summary>How long a container needs to save its work. Default 15,000.</summary>
    public long CheckpointMs { get; init; } = 15_000;
}
