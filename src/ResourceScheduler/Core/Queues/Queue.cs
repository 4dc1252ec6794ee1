using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>A queue while the scheduler runs: what is used and pending below it, and what currently blocks it.</summary>
internal sealed class Queue(int id, QueueDefinition definition, Queue? parent)
{
    private readonly SortedDictionary<string, QueueUser> _users = new(StringComparer.Ordinal);
    private Queue? _blockedBy;
    private long _blockedByVersion;
    private long _blockedVersion;
    private ulong _blockedMask;
    private long _triedIn;

    public int Id { get; } = id;

    public QueueDefinition Definition { get; set; } = definition;

    public QueueOptions Options => Definition.Options;

    public Queue? Parent { get; } = parent;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public List<Queue> Children { get; } = [];

    /// <summary>Applications of a leaf that have something to place, by falling priority, then by number.</summary>
    public List<Application> Waiting { get; } = [];

    /// <summary>All applications of a leaf that its queues let run, by number.</summary>
    public SortedSet<Application> Members { get; } = new(Comparer<Application>.Create(static (left, right) => left.Id.CompareTo(right.Id)));

    public int ApplicationCount { get; set; }

    public int RunningApplications { get; set; }

    public ResourceVector Used;

    public ResourceVector Pending;

    public ResourceVector MastersUsed;

    /// <summary>What is guaranteed now, from amounts and from fractions of the cluster.</summary>
    public ResourceVector Guarantee;

    /// <summary>What may be held at most now.</summary>
    public ResourceVector Max;

    public int Running { get; set; }

    /// <summary>What it is entitled to, per resource, by the newest <see cref="Preemption.Entitlements"/>.</summary>
    public double[] Entitled { get; } = new double[Preemption.Entitlements.Resources];

    public int PendingContainers { get; set; }

    public WaitTotals Waits { get; } = new();

    /// <summary>Bit per request shape that can be placed here or below.</summary>
    public ulong ShapeMask { get; set; }

    public OrderKey Order { get; private set; }

    /// <summary>Grows when something that could have blocked this queue eased: a release in it, a new ask, a new limit.</summary>
    public long EaseVersion { get; set; }

    public long SkippedInPass { get; set; }

    /// <summary>Since when it holds too little while it waits; -1 while it does not.</summary>
    public long StarvedSinceMs { get; set; } = -1;

    public string Path => Definition.Path;

    public bool IsLeaf => Children.Count == 0;

    public IEnumerable<QueueUser> Users => _users.Values;

    public bool HasUserLimits => Options.UserShareMin < 1 || !double.IsPositiveInfinity(Options.UserFactorMax);

    public bool HasRoomFor(in ResourceVector resources)
        => Options.State != QueueState.Stopped && (Used + resources).WithinBound(Max);

    public QueueUser UserOf(string name)
    {
        if (!_users.TryGetValue(name, out var user))
        {
            user = new QueueUser(name);
            _users.Add(name, user);
        }

        return user;
    }

    /// <summary>Guarantee and maximum for a cluster of this size, from the parent's down.</summary>
    public void RefreshLimits(in ResourceVector total)
    {
        var parentGuarantee = Parent is null ? total : Parent.Guarantee;
        var parentMax = Parent is null ? total : Parent.Max;
        Guarantee = ResourceVector.Max(Definition.Guarantee, parentGuarantee.Scale(Parent is null ? 0 : Options.Capacity));
        if (Parent is null)
        {
            Guarantee = ResourceVector.Max(Guarantee, total);
        }

        Max = Options.MaxCapacity < 1 ? ResourceVector.Min(Options.Max, ResourceVector.Min(parentMax, total).Scale(Options.MaxCapacity))
            : Options.Max;
        RefreshOrder(total);
        EaseVersion++;
        foreach (var child in Children)
        {
            child.RefreshLimits(total);
        }
    }

    public void RefreshOrder(in ResourceVector total)
        => Order = OrderKey.Of(Parent?.Options.Policy ?? QueuePolicy.DominantResourceFairness, this, total);

    public void Enlist(Application application)
    {
        application.User.Waiting++;
        var at = Waiting.Count;
        while (at > 0 && ComesBefore(application, Waiting[at - 1]))
        {
            at--;
        }

        Waiting.Insert(at, application);
    }

    public void Delist(Application application)
    {
        application.User.Waiting--;
        Waiting.Remove(application);
    }

    public void BeginOrder() => _triedIn++;

    /// <summary>The next waiting application in the order in which this leaf serves them now, after <see cref="BeginOrder"/>; null after
    /// the last.</summary>
    public Application? NextInOrder()
    {
        Application? first = null;
        foreach (var application in Waiting)
        {
            if (application.TriedIn != _triedIn && (first is null || IsServedBefore(application, first)))
            {
                first = application;
                if (Options.Policy == QueuePolicy.Fifo)
                {
                    break;
                }
            }
        }

        if (first is not null)
        {
            first.TriedIn = _triedIn;
        }

        return first;
    }

    /// <summary>Remembers that requests of <paramref name="mask"/> cannot be served because of <paramref name="limit"/> until that
    /// eases.</summary>
    public void Block(ulong mask, Queue limit)
    {
        _blockedMask = mask;
        _blockedBy = limit;
        _blockedByVersion = limit.EaseVersion;
        _blockedVersion = EaseVersion;
    }

    /// <summary>The shapes worth trying here: pending, with room somewhere, and not known to be blocked by a limit.</summary>
    public ulong Runnable(ulong placeable, long pass)
    {
        var mask = ShapeMask & placeable;
        if (mask == 0 || SkippedInPass == pass)
        {
            return 0;
        }

        if (_blockedBy is null || (mask & _blockedMask) == 0)
        {
            return mask;
        }

        if (_blockedBy.EaseVersion != _blockedByVersion || EaseVersion != _blockedVersion)
        {
            _blockedBy = null;
            return mask;
        }

        return mask & ~_blockedMask;
    }

    private bool IsServedBefore(Application application, Application other)
        => Options.Policy == QueuePolicy.Fair
            ? application.Used.MemoryMiB < other.Used.MemoryMiB
            : application.DominantShare < other.DominantShare;

    private static bool ComesBefore(Application application, Application other)
        => application.Definition.Priority != other.Definition.Priority
            ? application.Definition.Priority > other.Definition.Priority
            : application.Id < other.Id;
}
