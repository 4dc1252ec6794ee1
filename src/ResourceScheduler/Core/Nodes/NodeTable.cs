namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>All registered nodes, by name and by number, and per label an index by free room.</summary>
internal sealed class NodeTable
{
    private readonly SortedDictionary<string, Node> _byName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, NodeIndex> _byLabel = new(StringComparer.Ordinal);
    private readonly SortedSet<int> _unusedIds = [];
    private readonly List<Node?> _byId = [];
    private Node[]? _all;
    private NodeIndex[]? _partitions;

    public ResourceVector Total;

    public Fragmentation Fragmentation { get; } = new();

    public ResourceVector Used;

    /// <summary>All nodes by name, as they are now: the array is replaced, never changed, when nodes come or go.</summary>
    public Node[] All => _all ??= [.. _byName.Values];

    public int Count => _byName.Count;

    public int Reservations { get; set; }

    /// <summary>Nodes that are to leave.</summary>
    public int Leaving { get; set; }

    /// <summary>The largest amount of each resource on any node.</summary>
    public ResourceVector Largest => All.Aggregate(ResourceVector.Zero, (max, node) => ResourceVector.Max(max, node.Capacity));

    public Node? Find(string name) => _byName.GetValueOrDefault(name);

    public bool KnowsLabel(string label) => _byLabel.ContainsKey(label);

    public Node Add(string name, in ResourceVector capacity, NodeProperties properties)
    {
        var id = _unusedIds.Count > 0 ? _unusedIds.Min : _byId.Count;
        var node = new Node(id, name, capacity, properties);
        if (!_unusedIds.Remove(id))
        {
            _byId.Add(node);
        }

        _byId[id] = node;
        _byName.Add(name, node);
        _all = null;
        Total += capacity;
        IndexOf(node.Properties.Label).Add(node);
        return node;
    }

    /// <summary>A node as it was saved, under the number it had.</summary>
    public Node Restore(int id, string name, in ResourceVector capacity, NodeProperties properties)
    {
        while (_byId.Count <= id)
        {
            _unusedIds.Add(_byId.Count);
            _byId.Add(null);
        }

        _unusedIds.Remove(id);
        var node = new Node(id, name, capacity, properties);
        _byId[id] = node;
        _byName.Add(name, node);
        Total += capacity;
        IndexOf(properties.Label).Add(node);
        return node;
    }

    public Node this[int id] => _byId[id] ?? throw new FormatException($"node number {id} is not there");

    public void Resize(Node node, in ResourceVector capacity)
    {
        var before = node.Capacity;
        Total = Total - before + capacity;
        node.Resize(capacity);
        IndexOf(node.Properties.Label).Resized(before, capacity);
    }

    public void Relabel(Node node, NodeProperties properties)
    {
        IndexOf(node.Properties.Label).Remove(node);
        node.Properties = properties;
        IndexOf(properties.Label).Add(node);
    }

    /// <summary>What the nodes of a label have in all.</summary>
    public ResourceVector TotalOf(string label) => _byLabel.TryGetValue(label, out var index) ? index.Capacity : ResourceVector.Zero;

    /// <summary>Whether requests without a label may be guests on labelled nodes.</summary>
    public bool HasGuestRooms
    {
        get
        {
            foreach (var index in PartitionsFor(""))
            {
                if (index.Shareable > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Remove(Node node)
    {
        Total -= node.Capacity;
        _byName.Remove(node.Name);
        _all = null;
        _byId[node.Id] = null;
        _unusedIds.Add(node.Id);
        IndexOf(node.Properties.Label).Remove(node);
    }

    public void Take(Node node, in ResourceVector resources)
    {
        Used += resources;
        node.Used += resources;
        node.Free -= resources;
        IndexOf(node.Properties.Label).Moved(node);
    }

    public void Give(Node node, in ResourceVector resources)
    {
        Used -= resources;
        node.Used -= resources;
        node.Free += resources;
        IndexOf(node.Properties.Label).Moved(node);
    }

    /// <summary>The partitions a request may use, in the order in which it should: its own label, or the default one and then shareable
    /// ones.</summary>
    public NodeIndex[] PartitionsFor(string label)
    {
        if (label.Length == 0)
        {
            // The empty label sorts first.
            return _partitions ??= [.. _byLabel.Values];
        }

        return _byLabel.TryGetValue(label, out var own) ? own.Alone : [];
    }

    private NodeIndex IndexOf(string label)
    {
        if (!_byLabel.TryGetValue(label, out var index))
        {
            index = new NodeIndex(this, _byId);
            _byLabel.Add(label, index);
            _partitions = null;
        }

        return index;
    }
}
