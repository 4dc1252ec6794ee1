namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>
/// Finds the node a request fits best among those of one label. Nodes lie in 64 buckets by free amount, once per resource; a bucket is a
/// bit set
/// over node numbers, so the answer depends on what is free now and not on the order in which it became so.
/// </summary>
internal sealed class NodeIndex(NodeTable table, List<Node?> byId)
{
    /// <summary>Fitting nodes compared before the best of them is taken; bounds the work, not the chance to find one.</summary>
    public const int CandidatesMax = 24;

    private readonly SortedSet<int> _members = [];
    private readonly FreeBuckets _cpu = new();
    private readonly FreeBuckets _memory = new();
    private readonly FreeBuckets _gpu = new();
    private bool _isStale;
    private NodeIndex[]? _alone;

    /// <summary>This index as the only partition of a request.</summary>
    public NodeIndex[] Alone => _alone ??= [this];

    /// <summary>What its nodes have in all.</summary>
    public ResourceVector Capacity { get; private set; }

    /// <summary>How many of its nodes take requests without the label.</summary>
    public int Shareable { get; private set; }

    public void Add(Node node)
    {
        _members.Add(node.Id);
        Capacity += node.Capacity;
        Shareable += node.Properties is { IsShareable: true, Label.Length: > 0 } ? 1 : 0;
        _isStale = true;
    }

    public void Remove(Node node)
    {
        _members.Remove(node.Id);
        Capacity -= node.Capacity;
        Shareable -= node.Properties is { IsShareable: true, Label.Length: > 0 } ? 1 : 0;
        _isStale = true;
    }

    public void Resized(in ResourceVector before, in ResourceVector after)
    {
        Capacity = Capacity - before + after;
        _isStale = true;
    }

    public void Moved(Node node)
    {
        if (!_isStale)
        {
            Place(node);
        }
    }

    /// <summary>The node with the least left over, or with the most when spreading; ties go to the lower number. Null when none
    /// passes.</summary>
    /// <param name="size">What is needed.</param>
    /// <param name="choice">Pack or spread.</param>
    /// <param name="allows">What else must hold of a node that has room.</param>
    public Node? Find(in ResourceVector size, NodeChoice choice, NodeFilter allows)
    {
        if (_isStale)
        {
            Rebuild();
        }

        var (buckets, amount) = Scarcest(size);
        var search = new Search(this, size, choice, allows);
        var lowest = buckets.BucketOf(amount);
        if (choice == NodeChoice.Pack)
        {
            // Work without GPU goes where no GPU is left to be wasted, as long as there is room.
            for (var bucket = size.GpuMillis > 0 || table.Total.GpuMillis == 0 ? -1 : buckets.UsedFrom(lowest); bucket >= 0
                && !search.IsEnough;
                bucket = buckets.UsedFrom(bucket + 1))
            {
                search.Visit(buckets, bucket, _gpu);
            }

            if (search.Best is { } withoutGpu)
            {
                return withoutGpu;
            }

            for (var bucket = buckets.UsedFrom(lowest); bucket >= 0 && !search.IsEnough; bucket = buckets.UsedFrom(bucket + 1))
            {
                search.Visit(buckets, bucket);
            }
        }
        else
        {
            for (var bucket = buckets.UsedTo(FreeBuckets.Count - 1); bucket >= lowest
                && !search.IsEnough; bucket = buckets.UsedTo(bucket - 1))
            {
                search.Visit(buckets, bucket);
            }
        }

        return search.Best;
    }

    private (FreeBuckets Buckets, long Amount) Scarcest(in ResourceVector size)
    {
        if (size.GpuMillis > 0)
        {
            return (_gpu, size.GpuMillis);
        }

        // The resource of which the least is left, relative to what is asked, decides where to look first.
        var cpu = (double)size.CpuMillis / Math.Max(1, table.Total.CpuMillis - table.Used.CpuMillis);
        var memory = (double)size.MemoryMiB / Math.Max(1, table.Total.MemoryMiB - table.Used.MemoryMiB);
        return cpu >= memory ? (_cpu, size.CpuMillis) : (_memory, size.MemoryMiB);
    }

    private void Place(Node node)
    {
        _cpu.Place(node.Id, node.Free.CpuMillis);
        _memory.Place(node.Id, node.Free.MemoryMiB);
        _gpu.Place(node.Id, node.Free.GpuMillis);
    }

    private void Rebuild()
    {
        _isStale = false;
        var nodes = _members.Select(id => byId[id]!).ToArray();
        var largest = nodes.Aggregate(ResourceVector.Zero, (max, node) => ResourceVector.Max(max, node.Capacity));
        _cpu.Reset(largest.CpuMillis, byId.Count);
        _memory.Reset(largest.MemoryMiB, byId.Count);
        _gpu.Reset(largest.GpuMillis, byId.Count);
        foreach (var node in nodes)
        {
            Place(node);
        }
    }

    /// <summary>Compares the nodes of bucket after bucket.</summary>
    private ref struct Search(NodeIndex index, ResourceVector size, NodeChoice choice, NodeFilter allows)
    {
        private readonly NodeScore _score = new(index.Total, size, choice, index.Fragmentation);
        private (double, double) _bestScore = (double.MaxValue, double.MaxValue);
        private int _candidates;

        public Node? Best { get; private set; }

        public readonly bool IsEnough => _candidates >= CandidatesMax;

        public void Visit(FreeBuckets buckets, int bucket)
        {
            for (var id = buckets.First(bucket); id >= 0 && !IsEnough; id = buckets.Next(bucket, id))
            {
                Consider(index.NodeAt(id));
            }
        }

        /// <summary>Only nodes that have next to no GPU free.</summary>
        public void Visit(FreeBuckets buckets, int bucket, FreeBuckets gpu)
        {
            for (var id = buckets.Next(bucket, -1, gpu, 0); id >= 0 && !IsEnough; id = buckets.Next(bucket, id, gpu, 0))
            {
                Consider(index.NodeAt(id));
            }
        }

        private void Consider(Node node)
        {
            if (node.HasRoomFor(size) && allows.Passes(node))
            {
                _candidates++;
                var score = _score.Of(node);
                if (NodeScore.IsBetter(score, _bestScore))
                {
                    (Best, _bestScore) = (node, score);
                }
            }
        }
    }

    private ResourceVector Total => table.Total;

    private Fragmentation Fragmentation => table.Fragmentation;

    private Node NodeAt(int id) => byId[id]!;
}
