using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>A queue while the scheduler runs: what is used and pending below it, and what currently blocks it.</summary>
internal sealed class Queue(int id, QueueDefinition definition, Queue? parent)
{
    /// <summary>Share 1 as a whole number: a power of two, so that shares lose nothing in the conversion.</summary>
    public const double ShareUnit = 1L << 60;

    private const double ShareMax = 1_000_000;
    private static readonly Comparer<Application> ById = Comparer<Application>.Create(static (left, right) => left.Id.CompareTo(right.Id));
    private readonly SortedDictionary<string, QueueUser> _users = new(StringComparer.Ordinal);
    private SortedDictionary<string, ResourceVector>? _usedByLabel;
    private Queue? _blockedBy;
    private long _blockedByVersion;
    private long _blockedVersion;
    private ulong _blockedMask;

    public int Id { get; } = id;

    public QueueDefinition Definition { get; set; } = definition;

    public QueueOptions Options => Definition.Options;

    public Queue? Parent { get; } = parent;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public List<Queue> Children { get; } = [];

    /// <summary>Applications of a leaf that have something to place, in the order in which it serves them.</summary>
    public ApplicationsInOrder Waiting { get; } = new();

    /// <summary>All applications of a leaf that its queues let run, by number.</summary>
    public List<Application> Members { get; } = [];

    /// <summary>The weights of users with something to place, in units of <see cref="QueueUser.ShareUnits"/>.</summary>
    public Int128 ActiveWeightUnits { get; private set; }

    public double WeightOf(QueueUser user) => Options.UserWeights.Count == 0 ? 1 : Options.UserWeights.GetValueOrDefault(user.Name, 1);

    /// <summary>The sum of the shares of those users, in units of <see cref="QueueUser.ShareUnits"/>.</summary>
    public Int128 ActiveShareUnits { get; private set; }

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

    /// <summary>The round of preemption for which <see cref="Taken"/> counts.</summary>
    public long TakenIn { get; set; } = -1;

    /// <summary>What it loses by what is on its way.</summary>
    public ResourceVector Taken;

    /// <summary>What it gains by what is on its way.</summary>
    public ResourceVector Promised;

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

    /// <summary>The timeout in force here: its own, else the nearest above.</summary>
    public long PreemptionTimeoutMs(long absent) => Options.PreemptionTimeoutMs ?? Parent?.PreemptionTimeoutMs(absent) ?? absent;

    /// <summary>The threshold in force here: its own, else the nearest above.</summary>
    public double FairShareThreshold(double absent) => Options.FairShareThreshold ?? Parent?.FairShareThreshold(absent) ?? absent;

    public bool HasUserLimits => Options.UserShareMin < 1 || !double.IsPositiveInfinity(Options.UserFactorMax);

    /// <summary>What it holds on the nodes of a label.</summary>
    public ResourceVector UsedOn(string label) => _usedByLabel?.GetValueOrDefault(label) ?? ResourceVector.Zero;

    /// <summary>Its maximum on the nodes of a label, as a fraction of them.</summary>
    public double LabelMax(string label)
        => (Options.LabelShares.Count > 0 && Options.LabelShares.TryGetValue(label, out var share) ? share.MaxCapacity : 1)
            * (Parent?.LabelMax(label) ?? 1);

    public void ChargeLabel(string label, in ResourceVector resources, int direction)
    {
        _usedByLabel ??= new SortedDictionary<string, ResourceVector>(StringComparer.Ordinal);
        var used = UsedOn(label);
        _usedByLabel[label] = direction > 0 ? used + resources : used - resources;
    }

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

    public void Join(Application application)
    {
        var at = Members.BinarySearch(application, ById);
        if (at < 0)
        {
            Members.Insert(~at, application);
        }
    }

    public void Leave(Application application)
    {
        var at = Members.BinarySearch(application, ById);
        if (at >= 0)
        {
            Members.RemoveAt(at);
        }
    }

    public void Enlist(Application application)
    {
        if (application.User.Waiting++ == 0)
        {
            application.User.WeightUnits = (Int128)(WeightOf(application.User) * ShareUnit);
            ActiveWeightUnits += application.User.WeightUnits;
            ActiveShareUnits += application.User.ShareUnits;
        }

        application.OrderShare = OrderShareOf(application);
        Waiting.Add(application);
    }

    public void Delist(Application application)
    {
        if (--application.User.Waiting == 0)
        {
            ActiveWeightUnits -= application.User.WeightUnits;
            ActiveShareUnits -= application.User.ShareUnits;
        }

        Waiting.Remove(application);
    }

    /// <summary>An application of this leaf holds more or less than before.</summary>
    public void UseChanged(Application application, in ResourceVector total)
    {
        application.DominantShare = application.Used.DominantShare(total);
        application.OrderShare = OrderShareOf(application);
        if (application.HeapPlace >= 0)
        {
            Waiting.Moved(application);
        }

        Revalue(application.User, total);
    }

    /// <summary>The size of the cluster or the policy changed, so all shares did.</summary>
    public void AllUseChanged(in ResourceVector total)
    {
        foreach (var user in _users.Values)
        {
            Revalue(user, total);
        }

        foreach (var application in Waiting)
        {
            application.OrderShare = OrderShareOf(application);
        }

        Waiting.AllMoved();
    }

    /// <summary>User weights may have changed with the queue's settings.</summary>
    public void Reweigh()
    {
        ActiveWeightUnits = 0;
        foreach (var user in _users.Values.Where(user => user.Waiting > 0))
        {
            user.WeightUnits = (Int128)(WeightOf(user) * ShareUnit);
            ActiveWeightUnits += user.WeightUnits;
        }
    }

    private void Revalue(QueueUser user, in ResourceVector total)
    {
        var units = (Int128)(Math.Min(user.Used.DominantShare(total), ShareMax) * ShareUnit);
        ActiveShareUnits += user.Waiting > 0 ? units - user.ShareUnits : 0;
        user.ShareUnits = units;
    }

    private double OrderShareOf(Application application) => Options.Policy switch
    {
        QueuePolicy.Fifo => 0,
        QueuePolicy.Fair => application.Used.MemoryMiB,
        _ => application.DominantShare,
    };

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
}
