namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>How much a node would have left over, as a sum of shares of the cluster. GPU weighs most: it is what CPU work must not
/// waste.</summary>
internal readonly struct NodeScore(ResourceVector total, ResourceVector size)
{
    private const double GpuWeight = 8;

    private readonly double _perCpu = total.CpuMillis > 0 ? 1.0 / total.CpuMillis : 0;
    private readonly double _perMemory = total.MemoryMiB > 0 ? 1.0 / total.MemoryMiB : 0;
    private readonly double _perGpu = total.GpuMillis > 0 ? GpuWeight / total.GpuMillis : 0;

    public double Left(Node node)
        => ((node.Free.CpuMillis - size.CpuMillis) * _perCpu)
            + ((node.Free.MemoryMiB - size.MemoryMiB) * _perMemory)
            + ((node.Free.GpuMillis - size.GpuMillis) * _perGpu);
}
