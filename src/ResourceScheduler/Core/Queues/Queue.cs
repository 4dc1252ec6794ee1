using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Policies;

namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>A queue while the scheduler runs: what is used and pending below it, and what currently blocks it.</summary>
internal sealed class Queue(int id, QueueDefinition definition, Queue? parent)
{
    public int Id { get; } = id;

    public QueueDefinition Definition { get; set; } = definition;

    public Queue? Parent { get; } = parent;

    public List<Queue> Children { get; } = [];

    /// <summary>Applications of a leaf that have something pending, in order of arrival.</summary>
    public List<Application> Waiting { get; } = [];

    /// <summary>All applications of a leaf.</summary>
    public int ApplicationCount { get; set; }

    public ResourceVector Used;

    public ResourceVector Pending;

    public int Running { get; set; }

    public int PendingContainers { get; set; }

    public WaitTotals Waits { get; } = new();

    /// <summary>Bit per request shape that is pending here or below.</summary>
    public ulong ShapeMask { get; set; }

    public OrderKey Order { get; private set; }

    /// <summary>Grows when something that could have blocked this queue eased: a release in it, a new ask, a new limit.</summary>
    public long EaseVersion { get; set; }

    public ulong BlockedMask { get; private set; }

    public long SkippedInPass { get; set; }

    private Queue? _blockedBy;
    private long _blockedByVersion;
    private long _blockedVersion;

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public string Path => Definition.Path;

    public bool IsLeaf => Definition.IsLeaf;

    public ResourceVector Max => Definition.Options.Max;

    public bool HasRoomFor(in ResourceVector resources) => (Used + resources).WithinBound(Max);

    public void RefreshOrder(in ResourceVector total)
        => Order = OrderKey.Of(Parent?.Definition.Options.Policy ?? QueuePolicy.DominantResourceFairness, this, total);

    public void Enlist(Application application)
    {
        var at = Waiting.Count;
        while (at > 0 && ComesBefore(application, Waiting[at - 1]))
        {
            at--;
        }

        Waiting.Insert(at, application);
    }

    public void Delist(Application application) => Waiting.Remove(application);

    /// <summary>Waiting applications in the order in which this leaf serves them now.</summary>
    public IEnumerable<Application> InOrder()
        => Waiting.Count < 2 || Definition.Options.Policy == QueuePolicy.Fifo ? Waiting
            : Definition.Options.Policy == QueuePolicy.Fair ? Waiting.OrderBy(application => application.Used.MemoryMiB)
            : Waiting.OrderBy(application => application.DominantShare);

    /// <summary>Remembers that requests of <paramref name="mask"/> cannot be served because of <paramref name="limit"/> until that eases.</summary>
    public void Block(ulong mask, Queue limit)
    {
        BlockedMask = mask;
        _blockedBy = limit;
        _blockedByVersion = limit.EaseVersion;
        _blockedVersion = EaseVersion;
    }

    private static bool ComesBefore(Application application, Application other)
        => application.Definition.Priority != other.Definition.Priority
            ? application.Definition.Priority > other.Definition.Priority
            : application.Id < other.Id;

    /// <summary>The shapes worth trying here: pending, with room somewhere, and not known to be blocked by a limit.</summary>
    public ulong Runnable(ulong placeable, long pass)
    {
        if (SkippedInPass == pass)
        {
            return 0;
        }

        var mask = ShapeMask & placeable;
        if (_blockedBy is null || (mask & BlockedMask) == 0)
        {
            return mask;
        }

        if (_blockedBy.EaseVersion != _blockedByVersion || EaseVersion != _blockedVersion)
        {
            _blockedBy = null;
            return mask;
        }

        return mask & ~BlockedMask;
    }
}
