namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>A cloud under a virtual clock: nodes take a while to come, spot nodes are taken away by a seeded draw, everything costs. The
/// same
/// seed and the same calls give the same course. Not thread-safe.</summary>
/// <param name="options">How it behaves.</param>
/// <param name="seed">Decides which spot nodes go when.</param>
/// <param name="nowMs">The virtual clock.</param>
public sealed class SimulatedCloud(SimulatedCloudOptions options, int seed, Func<long> nowMs) : INodeProvider
{
    private const double MsPerHour = 3_600_000;
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, Machine> _machines = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Bill> _bills = new(StringComparer.Ordinal);

    /// <summary>When a node that runs comes up, by name; nodes already given back are not among them.</summary>
    public IReadOnlyDictionary<string, long> UpAtMs => _machines.ToDictionary(pair => pair.Key, pair
        => pair.Value.UpAtMs, StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<bool> TryStartAsync(string node, NodeGroup group, CancellationToken cancellationToken)
        => ValueTask.FromResult(TryStart(node, group));

    /// <inheritdoc/>
    public ValueTask StopAsync(string node, CancellationToken cancellationToken)
    {
        Stop(node);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InterruptionNotice>> TakeNoticesAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<InterruptionNotice>>(TakeNotices());

    internal InterruptionNotice[] TakeNotices()
    {
        var due = _machines.Values.Where(machine => machine.NoticeAtMs <= nowMs() && !machine.IsNoticed).ToArray();
        foreach (var machine in due)
        {
            machine.IsNoticed = true;
            _bills[machine.Group.Name].Interruptions++;
        }

        return [.. due.Select(machine => new InterruptionNotice(machine.Node, Math.Max(0, machine.NoticeAtMs
            + options.NoticeMs - nowMs())))];
    }

    /// <summary>What was run and what it cost so far, by group.</summary>
    public IReadOnlyList<CloudCost> Costs()
    {
        var hours = _bills.ToDictionary(pair => pair.Key, pair => pair.Value.Hours, StringComparer.Ordinal);
        foreach (var machine in _machines.Values)
        {
            hours[machine.Group.Name] += Hours(machine);
        }

        return [.. _bills.Select(pair => new CloudCost(pair.Key, pair.Value.Group.Purchase, pair.Value.Started, pair.Value.Interruptions,
            hours[pair.Key],
            hours[pair.Key] * pair.Value.Group.PricePerHour))];
    }

    internal bool TryStart(string node, NodeGroup group)
    {
        if (_machines.Values.Count(machine => machine.Group.Name == group.Name) >= options.NodesPerGroupMax)
        {
            return false;
        }

        if (!_bills.TryGetValue(group.Name, out var bill))
        {
            _bills.Add(group.Name, bill = new Bill(group));
        }

        bill.Started++;
        var upAtMs = nowMs() + options.StartMs;
        var noticeAtMs = group.Purchase == NodePurchase.Spot && options.InterruptionsPerHour > 0
            ? upAtMs + (long)(-Math.Log(1 - _random.NextDouble()) / options.InterruptionsPerHour * MsPerHour) : long.MaxValue;
        _machines[node] = new Machine(node, group, upAtMs, noticeAtMs);
        return true;
    }

    internal void Stop(string node)
    {
        if (_machines.Remove(node, out var machine))
        {
            _bills[machine.Group.Name].Hours += Hours(machine);
        }
    }

    private double Hours(Machine machine) => Math.Max(0, nowMs() - machine.UpAtMs) / MsPerHour;

    private sealed class Machine(string node, NodeGroup group, long upAtMs, long noticeAtMs)
    {
        public string Node { get; } = node;

        public NodeGroup Group { get; } = group;

        public long UpAtMs { get; } = upAtMs;

        public long NoticeAtMs { get; } = noticeAtMs;

        public bool IsNoticed { get; set; }
    }

    private sealed class Bill(NodeGroup group)
    {
        public NodeGroup Group { get; } = group;

        public int Started { get; set; }

        public int Interruptions { get; set; }

        public double Hours { get; set; }
    }
}

/// <summary>What nodes of one group cost.</summary>
/// <param name="Group">The group.</param>
/// <param name="Purchase">How its nodes are paid for.</param>
/// <param name="Started">Nodes started.</param>
/// <param name="Interruptions">Nodes taken away.</param>
/// <param name="Hours">Hours run, all nodes together.</param>
/// <param name="Cost">What they cost.</param>
public readonly record struct CloudCost(string Group, NodePurchase Purchase, int Started, int Interruptions, double Hours, double Cost);
