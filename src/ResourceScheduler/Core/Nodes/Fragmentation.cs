namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>How much GPU that is free on a node is of no use to the requests this cluster tends to see, and how much a placement adds to
/// that.</summary>
/// <remarks>
/// Fragmentation gradient descent (Weng et al., USENIX ATC 2023): of what is free on a node a request class cannot use all of it if
/// the node has too little of anything for one more of it, else the devices that have less free than it needs; the classes count by how
/// often they run now. The node on which the sum grows least is the best for the cluster's future. Classes are counted anew when enough
/// has changed, so that a decision costs the same however many there are.
/// </remarks>
internal sealed class Fragmentation
{
    /// <summary>Classes that are looked at: the most frequent ones.</summary>
    private const int ClassesMax = 32;

    private const int ChangesMin = 16;
    private const int DevicesMax = 64;
    private readonly Dictionary<(long Cpu, long Memory, int Gpu), int> _running = [];
    private (long Cpu, long Memory, int Gpu, double Weight)[] _classes = [];
    private int _count;
    private int _changes = ChangesMin;

    /// <summary>A container with GPU began or ended.</summary>
    public void Count(in ResourceVector size, int change)
    {
        if (size.GpuMillis == 0)
        {
            return;
        }

        var key = (size.CpuMillis, size.MemoryMiB, (int)size.GpuMillis);
        var count = _running.GetValueOrDefault(key) + change;
        if (count > 0)
        {
            _running[key] = count;
        }
        else
        {
            _running.Remove(key);
        }

        _count += change;
        _changes++;
    }

    /// <summary>What the placement would add, in thousandths of a device; negative where it uses up what nobody else could.</summary>
    /// <param name="node">A node with room.</param>
    /// <param name="size">The request.</param>
    public double Added(Node node, in ResourceVector size)
    {
        var devices = node.Gpus.Free;
        if (devices.Length is 0 or > DevicesMax)
        {
            return 0;
        }

        if (_changes >= Math.Max(ChangesMin, _count / ChangesMin))
        {
            CountClasses();
        }

        Span<int> after = stackalloc int[devices.Length];
        devices.CopyTo(after);
        GpuDevices.Take(after, (int)size.GpuMillis);
        return Useless(node.Free.CpuMillis - size.CpuMillis, node.Free.MemoryMiB - size.MemoryMiB, after)
            - Useless(node.Free.CpuMillis, node.Free.MemoryMiB, devices);
    }

    private double Useless(long cpu, long memory, ReadOnlySpan<int> devices)
    {
        var (free, whole, largest) = (0, 0, 0);
        foreach (var device in devices)
        {
            free += device;
            whole += device == GpuDevices.DeviceMillis ? 1 : 0;
            largest = Math.Max(largest, device);
        }

        var useless = 0.0;
        foreach (var (needCpu, needMemory, needGpu, weight) in _classes)
        {
            var fits = cpu >= needCpu && memory >= needMemory
                && (needGpu <= GpuDevices.DeviceMillis ? largest >= needGpu : whole * GpuDevices.DeviceMillis >= needGpu);
            useless += weight * (fits ? TooSmall(devices, Math.Min(needGpu, GpuDevices.DeviceMillis)) : free);
        }

        return useless;
    }

    private static int TooSmall(ReadOnlySpan<int> devices, int need)
    {
        var sum = 0;
        foreach (var device in devices)
        {
            sum += device < need ? device : 0;
        }

        return sum;
    }

    private void CountClasses()
    {
        _changes = 0;
        var frequent = _running.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(ClassesMax).ToArray();
        var total = (double)Math.Max(1, frequent.Sum(pair => pair.Value));
        _classes = [.. frequent.Select(pair => (pair.Key.Cpu, pair.Key.Memory, pair.Key.Gpu, pair.Value / total))];
    }
}
