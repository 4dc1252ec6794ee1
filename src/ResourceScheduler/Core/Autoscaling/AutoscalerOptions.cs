namespace DataPlatform.ResourceScheduler.Autoscaling;

/// <summary>When nodes come and go. Immutable. Times are milliseconds.</summary>
public sealed record AutoscalerOptions
{
    /// <summary>The shapes that can be had. At least one.</summary>
    public IReadOnlyList<NodeGroup> Groups { get; init; } = [];

    /// <summary>Pending work must be so old before nodes are started for it. Default 120,000: two minutes.</summary>
    public long PendingAfterMs { get; init; } = 120_000;

    /// <summary>Pending containers that justify a node at all. Default 1.</summary>
    public int PendingMin { get; init; } = 1;

    /// <summary>What a queue promises its users to wait at most, by path; when exceeded, nodes are started at once. Default none.</summary>
    public IReadOnlyDictionary<string, long> QueueWaitMaxMs { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>A node must be idle so long before it leaves. Default 600,000: ten minutes.</summary>
    public long IdleAfterMs { get; init; } = 600_000;

    /// <summary>A node that leaves lets its containers run on for so long. Default 900,000.</summary>
    public long DrainMaxMs { get; init; } = 900_000;

    /// <summary>Between two times at which nodes are started. Default 30,000.</summary>
    public long CoolDownMs { get; init; } = 30_000;

    /// <summary>The least part of what the groups hold that is on demand, 0 to 1, measured by the dominant share. Default 0.3.</summary>
    public double OnDemandShareMin { get; init; } = 0.3;

    /// <summary>A group that took nodes away or could not start any is left alone for so long. Default 600,000.</summary>
    public long BackOffMs { get; init; } = 600_000;

    /// <summary>A node that was asked for and does not register within this time is given up. Default 600,000.</summary>
    public long StartMaxMs { get; init; } = 600_000;

    /// <summary>Nodes started in one step at most. Default 50.</summary>
    public int NodesPerStepMax { get; init; } = 50;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="SchedulerException">Invalid: a group is named twice, has no shape, or a number makes no sense; names the
    /// group.</exception>
    public void EnsureValid()
    {
        if (Groups.Count == 0)
        {
            throw SchedulerException.Invalid("The autoscaler has no node groups: name at least one shape that can be started.");
        }

        foreach (var group in Groups)
        {
            if (Groups.Count(other => other.Name == group.Name) > 1 || group.Name.Length == 0)
            {
                throw SchedulerException.Invalid($"The node group '{group.Name}' is named twice or not at all.");
            }

            if (group.Shape.IsZero || group.NodesMin < 0 || group.NodesMax < group.NodesMin || !(group.PricePerHour >= 0))
            {
                throw SchedulerException.Invalid(
                    $"The node group '{group.Name}' needs a shape, 0 <= NodesMin <= NodesMax and a price of zero or more.");
            }
        }

        if (!(OnDemandShareMin is >= 0 and <= 1))
        {
            throw SchedulerException.Invalid($"The least on-demand share is {OnDemandShareMin}; it is a fraction from 0 to 1.");
        }
    }
}
