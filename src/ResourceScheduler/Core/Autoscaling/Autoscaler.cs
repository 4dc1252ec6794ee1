using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>Decides which nodes come and go: a pure function of what it is told, with no clock and no I/O. Not thread-safe.</summary>
/// <remarks>
/// Up: work that has waited long enough, or longer than its queue promises, is packed into what nodes have free and into nodes that are on
/// their way;
/// for the rest groups are chosen by price for the work, spread over spot groups, with an on-demand part that never falls below its
/// least share. Down: nodes that were idle long enough leave by draining, the dearest first, never below a group's least or the
/// on-demand share.
/// </remarks>
public sealed class Autoscaler
{
    private readonly AutoscalerOptions _options;
    private readonly SortedDictionary<string, ManagedNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _backOffUntilMs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _started = new(StringComparer.Ordinal);
    private long _startedAtMs = long.MinValue / 2;

    /// <summary>Starts with no nodes of its own.</summary>
    /// <param name="options">Settings.</param>
    /// <exception cref="SchedulerException">Invalid: see <see cref="AutoscalerOptions.EnsureValid"/>.</exception>
    public Autoscaler(AutoscalerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.EnsureValid();
        _options = options;
    }

    /// <summary>Nodes it asked for that have not been given back, with their groups, by name.</summary>
    public IReadOnlyDictionary<string, NodeGroup> Nodes
        => _nodes.ToDictionary(pair => pair.Key, pair => pair.Value.Group, StringComparer.Ordinal);

    /// <summary>A spot node will be taken away, or a group could not start a node: the group is left alone for a while.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="nowMs">The time.</param>
    public void BackOff(string group, long nowMs) => _backOffUntilMs[group] = nowMs + _options.BackOffMs;

    /// <summary>A node is gone or never came: it is no longer counted.</summary>
    /// <param name="node">Its name.</param>
    public void Forget(string node) => _nodes.Remove(node);

    /// <summary>What is to be done now.</summary>
    /// <param name="snapshot">The state of the cluster, with its time.</param>
    /// <param name="demand">What waits for nothing but room.</param>
    public IReadOnlyList<AutoscalerAction> Decide(ClusterSnapshot snapshot, IReadOnlyList<PendingDemand> demand)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(demand);
        var actions = new List<AutoscalerAction>();
        Observe(snapshot, actions);
        var urgent = Urgent(demand);
        if (urgent.Count > 0 && snapshot.TimeMs - _startedAtMs >= _options.CoolDownMs)
        {
            StartFor(urgent, snapshot, actions);
        }

        KeepLeast(snapshot.TimeMs, actions);
        if (demand.Count == 0)
        {
            DrainIdle(snapshot.TimeMs, actions);
        }

        return actions;
    }

    private List<PendingDemand> Urgent(IReadOnlyList<PendingDemand> demand)
        => demand.Sum(item => item.Count) < _options.PendingMin ? []
            : [.. demand.Where(item => item.WaitedMs >= _options.PendingAfterMs
                    || (_options.QueueWaitMaxMs.TryGetValue(item.Queue, out var most) && item.WaitedMs > most))
                .OrderByDescending(item => item.Size.GpuMillis).ThenByDescending(item => item.Size.MemoryMiB)
                .ThenByDescending(item => item.Size.CpuMillis).ThenBy(item => item.Queue, StringComparer.Ordinal)];

    /// <summary>What became of the nodes asked for.</summary>
    private void Observe(ClusterSnapshot snapshot, List<AutoscalerAction> actions)
    {
        var present = snapshot.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var node in _nodes.Values.ToArray())
        {
            if (present.TryGetValue(node.Name, out var seen))
            {
                node.HasRegistered = true;
                node.IsLeaving |= seen.State == NodeState.Decommissioning;
                node.IdleSinceMs = seen.Containers > 0 ? -1 : node.IdleSinceMs < 0 ? snapshot.TimeMs : node.IdleSinceMs;
            }
            else if (node.HasRegistered)
            {
                actions.Add(new AutoscalerAction.GiveBack(node.Name));
                _nodes.Remove(node.Name);
            }
            else if (snapshot.TimeMs - node.AskedAtMs >= _options.StartMaxMs)
            {
                BackOff(node.Group.Name, snapshot.TimeMs);
                actions.Add(new AutoscalerAction.GiveBack(node.Name));
                _nodes.Remove(node.Name);
            }
        }
    }

    private void StartFor(List<PendingDemand> urgent, ClusterSnapshot snapshot, List<AutoscalerAction> actions)
    {
        // Room there is, and room on its way, is filled first.
        var room = snapshot.Nodes.Where(node => node.State == NodeState.Active)
            .Select(node => new Room(node.Capacity - node.Used, node.Properties))
            .Concat(_nodes.Values.Where(node => !node.HasRegistered).Select(node => new Room(node.Group.Shape, node.Group.Properties)))
            .ToList();
        var left = _options.NodesPerStepMax;
        foreach (var item in urgent)
        {
            var missing = item.Count;
            foreach (var place in room)
            {
                missing -= place.Fill(item, missing);
            }

            while (missing > 0 && left > 0 && Choose(item, missing, snapshot) is { } group)
            {
                var added = new Room(group.Shape, group.Properties);
                missing -= added.Fill(item, missing);
                room.Add(added);
                left--;
                actions.Add(Start(group, snapshot.TimeMs, item.WaitedMs >= _options.PendingAfterMs
                    ? $"{item.Count} containers of ({item.Size}) in queue '{item.Queue}' have waited for {item.WaitedMs / 1000} s"
                    : $"queue '{item.Queue}' waits for longer than it promises"));
                _startedAtMs = snapshot.TimeMs;
            }
        }
    }

    private AutoscalerAction.Start Start(NodeGroup group, long nowMs, string reason)
    {
        var number = _started[group.Name] = _started.GetValueOrDefault(group.Name) + 1;
        var node = new ManagedNode($"{group.Name}-{number}", group, nowMs);
        _nodes.Add(node.Name, node);
        return new AutoscalerAction.Start(node.Name, group, reason);
    }

    /// <summary>The cheapest way to hold the work: on demand while its share is too small or spot is not to be had, else spot, and among
    /// spot
    /// groups of about the same price the one with the fewest nodes.</summary>
    private NodeGroup? Choose(PendingDemand item, int missing, ClusterSnapshot snapshot)
    {
        var able = _options.Groups.Where(group => Fits(group, item) && CountOf(group) < group.NodesMax
            && _backOffUntilMs.GetValueOrDefault(group.Name, long.MinValue) <= snapshot.TimeMs).ToArray();
        var spot = able.Where(group => group.Purchase == NodePurchase.Spot).ToArray();
        var onDemand = able.Where(group => group.Purchase == NodePurchase.OnDemand).ToArray();
        var useSpot = spot.Length > 0 && (onDemand.Length == 0 || OnDemandShareAfter(spot[0]) >= _options.OnDemandShareMin - 1e-9);
        var groups = useSpot ? spot : onDemand;
        if (groups.Length == 0)
        {
            return null;
        }

        var cheapest = groups.Min(group => Price(group, item, missing));
        return groups.Where(group => Price(group, item, missing) <= cheapest * 1.2 + 1e-12)
            .OrderBy(CountOf).ThenBy(group => Price(group, item, missing)).ThenBy(group => group.Name, StringComparer.Ordinal).First();
    }

    private static bool Fits(NodeGroup group, PendingDemand item)
        => item.Size.FitsIn(group.Shape)
            && (group.Properties.Label == item.Label || (item.Label.Length == 0 && group.Properties.IsShareable))
            && item.Attributes.All(rule => rule.Holds(group.Properties.Attributes));

    /// <summary>Per container that a node of the group would take over now.</summary>
    private static double Price(NodeGroup group, PendingDemand item, int missing)
        => group.PricePerHour / Math.Max(1, new Room(group.Shape, group.Properties).Fill(item, missing));

    private int CountOf(NodeGroup group) => _nodes.Values.Count(node => node.Group.Name == group.Name && !node.IsLeaving);

    private double OnDemandShareAfter(NodeGroup? added, string? without = null)
    {
        var held = _nodes.Values.Where(node => !node.IsLeaving && node.Name != without).Select(node => node.Group).ToList();
        if (added is not null)
        {
            held.Add(added);
        }

        var whole = held.Aggregate(ResourceVector.Zero, (sum, group) => sum + group.Shape);
        var onDemand = held.Where(group => group.Purchase == NodePurchase.OnDemand).Aggregate(ResourceVector.Zero, (sum, group) => sum
            + group.Shape);
        return whole.IsZero ? 1 : onDemand.DominantShare(whole);
    }

    private void KeepLeast(long nowMs, List<AutoscalerAction> actions)
    {
        foreach (var group in _options.Groups)
        {
            for (var count = CountOf(group); count < group.NodesMin
                && _backOffUntilMs.GetValueOrDefault(group.Name, long.MinValue) <= nowMs; count++)
            {
                actions.Add(Start(group, nowMs, $"group '{group.Name}' keeps at least {group.NodesMin} nodes"));
            }
        }
    }

    private void DrainIdle(long nowMs, List<AutoscalerAction> actions)
    {
        foreach (var node in _nodes.Values.Where(node => node is { HasRegistered: true, IsLeaving: false, IdleSinceMs: >= 0 }
            && nowMs - node.IdleSinceMs >= _options.IdleAfterMs).OrderByDescending(node => node.Group.PricePerHour)
            .ThenBy(node => node.Name, StringComparer.Ordinal).ToArray())
        {
            var keepsShare = node.Group.Purchase == NodePurchase.Spot
                || OnDemandShareAfter(null, node.Name) >= _options.OnDemandShareMin - 1e-9;
            if (CountOf(node.Group) > node.Group.NodesMin && keepsShare)
            {
                node.IsLeaving = true;
                actions.Add(new AutoscalerAction.Drain(node.Name, nowMs + _options.DrainMaxMs,
                    $"it has been idle for {(nowMs - node.IdleSinceMs) / 1000} s"));
            }
        }
    }

    /// <summary>What a node can still take while work is packed.</summary>
    private sealed class Room(ResourceVector free, NodeProperties properties)
    {
        private ResourceVector _free = free;

        public int Fill(PendingDemand item, int most)
        {
            var fits = (properties.Label == item.Label || (item.Label.Length == 0 && properties.IsShareable))
                && item.Attributes.All(rule => rule.Holds(properties.Attributes));
            var taken = 0;
            while (fits && taken < most && item.Size.FitsIn(_free))
            {
                _free -= item.Size;
                taken++;
            }

            return taken;
        }
    }
}
