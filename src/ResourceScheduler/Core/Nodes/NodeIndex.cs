namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>
/// Finds the node a request fits best. Nodes lie in 64 buckets by free amount, once per resource; a bucket is a bit set over node numbers, so the
/// answer depends on what is free now and not on the order in which it became so.
/// </summary>
internal sealed class NodeIndex
{
    /// <summary>Fitting nodes compared before the best of them is taken; bounds the work, not the chance to find one.</summary>
    public const int CandidatesMax = 32;

    private readonly SortedDictionary<string, Node> _byName = new(StringComparer.Ordinal);
    private readonly List<Node?> _byId = [];
    private readonly SortedSet<int> _unusedIds = [];
    private readonly FreeBuckets _cpu = new();
    private readonly FreeBuckets _memory = new();
    private readonly FreeBuckets _gpu = new();
    private bool _stale;

    public ResourceVector Total;

    public ResourceVector Used;

    public IEnumerable<Node> Nodes => _byName.Values;

    public int Count => _byName.Count;

    /// <summary>The largest amount of each resource on any node.</summary>
    public ResourceVector Largest => _byName.Values.Aggregate(ResourceVector.Zero, (max, node) => ResourceVector.Max(max, node.Capacity));

    public Node? Find(string name) => _byName.GetValueOrDefault(name);

    public Node Add(string name, in ResourceVector capacity)
    {
        var id = _unusedIds.Count > 0 ? _unusedIds.Min : _byId.Count;
        var node = new Node(id, name, capacity);
        if (!_unusedIds.Remove(id))
        {
            _byId.Add(node);
        }

        _byId[id] = node;
        _byName.Add(name, node);
        Total += capacity;
        _stale = true;
        return node;
    }

    public void Resize(Node node, in ResourceVector capacity)
    {
        Total = Total - node.Capacity + capacity;
        node.Capacity = capacity;
        _stale = true;
    }

    public void Remove(Node node)
    {
        Total -= node.Capacity;
        _byName.Remove(node.Name);
        _byId[node.Id] = null;
        _unusedIds.Add(node.Id);
        _stale = true;
    }

    public void Take(Node node, in ResourceVector resources)
    {
        Used += resources;
        node.Used += resources;
        Place(node);
    }

    public void Give(Node node, in ResourceVector resources)
    {
        Used -= resources;
        node.Used -= resources;
        Place(node);
    }

    /// <summary>Whether any node could hold the request if it were empty.</summary>
    public bool CouldEverHold(ResourceVector size) => _byName.Values.Any(node => size.FitsIn(node.Capacity));

    /// <summary>The fitting node that would have the least left of the resource the request is largest in; ties go to the lower number.</summary>
    public Node? FindBestFit(in ResourceVector size)
    {
        if (_stale)
        {
            Rebuild();
        }

        var (buckets, amount) = Scarcest(size);
        Node? best = null;
        var (bestLeft, candidates) = (double.MaxValue, 0);
        for (var bucket = buckets.BucketOf(amount); bucket < FreeBuckets.Count && candidates < CandidatesMax; bucket++)
        {
            bucket = buckets.NextUsed(bucket);
            for (var id = buckets.First(bucket); id >= 0 && candidates < CandidatesMax; id = buckets.Next(bucket, id))
            {
                var node = _byId[id]!;
                var free = node.Free;
                if (!size.FitsIn(free))
                {
                    continue;
                }

                candidates++;
                var left = Left(free - size);
                if (left < bestLeft)
                {
                    (best, bestLeft) = (node, left);
                }
            }
        }

        return best;
    }

    private (FreeBuckets Buckets, long Amount) Scarcest(in ResourceVector size)
    {
        if (size.GpuMillis > 0)
        {
            return (_gpu, size.GpuMillis);
        }

        // The resource of which the least is left, relative to what is asked, decides where to look first.
        var cpu = (double)size.CpuMillis / Math.Max(1, Total.CpuMillis - Used.CpuMillis);
        var memory = (double)size.MemoryMiB / Math.Max(1, Total.MemoryMiB - Used.MemoryMiB);
        return cpu >= memory ? (_cpu, size.CpuMillis) : (_memory, size.MemoryMiB);
    }

    private double Left(in ResourceVector left)
        => Share(left.CpuMillis, Total.CpuMillis) + Share(left.MemoryMiB, Total.MemoryMiB) + Share(left.GpuMillis, Total.GpuMillis);

    private static double Share(long amount, long total) => total <= 0 ? 0 : (double)amount / total;

    private void Place(Node node)
    {
        if (_stale)
        {
            return;
        }

        var free = node.Free;
        _cpu.Place(node.Id, free.CpuMillis);
        _memory.Place(node.Id, free.MemoryMiB);
        _gpu.Place(node.Id, free.GpuMillis);
    }

    private void Rebuild()
    {
        _stale = false;
        var largest = Largest;
        _cpu.Reset(largest.CpuMillis, _byId.Count);
        _memory.Reset(largest.MemoryMiB, _byId.Count);
        _gpu.Reset(largest.GpuMillis, _byId.Count);
        foreach (var node in _byName.Values)
        {
            Place(node);
        }
    }
}
