namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>How good a node is for a request: smaller is better. First what the placement would make of no use to others, where GPUs are
/// concerned; then how much the node would have left over, as a sum of shares of the cluster, or how little when spreading.</summary>
internal readonly struct NodeScore(ResourceVector total, ResourceVector size, NodeChoice choice, Fragmentation fragmentation)
{
    /// <summary>GPU weighs most: it is what CPU work must not waste.</summary>
    private const double GpuWeight = 8;

    /// <summary>Sums of weights differ in their last bits; what is this close is equal.</summary>
    private const double Steps = 1e6;

    private readonly double _perCpu = total.CpuMillis > 0 ? 1.0 / total.CpuMillis : 0;
    private readonly double _perMemory = total.MemoryMiB > 0 ? 1.0 / total.MemoryMiB : 0;
    private readonly double _perGpu = total.GpuMillis > 0 ? GpuWeight / total.GpuMillis : 0;

    public (double Useless, double Left) Of(Node node)
        => choice == NodeChoice.Spread ? (0, -Left(node))
            : node.Gpus.Count == 0 ? (0, Left(node))
            : (Math.Round(fragmentation.Added(node, size) * Steps), Left(node));

    public static bool IsBetter(in (double Useless, double Left) score, in (double Useless, double Left) other)
        => score.Useless != other.Useless ? score.Useless < other.Useless : score.Left < other.Left;

    private double Left(Node node)
        => ((node.Free.CpuMillis - size.CpuMillis) * _perCpu)
            + ((node.Free.MemoryMiB - size.MemoryMiB) * _perMemory)
            + ((node.Free.GpuMillis - size.GpuMillis) * _perGpu);
}
