using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>A queue of a preemption plan with what is below it.</summary>
internal sealed class PreemptionMember(PreemptionQueue? queue, string path)
{
    public string Path { get; } = path;

    public List<PreemptionMember> Children { get; } = [];

    public double Guaranteed { get; private set; }

    public double Max { get; private set; }

    public double Used { get; private set; }

    public double Pending { get; private set; }

    public int Priority => queue?.Priority ?? 0;

    public bool IsGuest => queue?.IsGuest ?? false;

    public bool IsLeaf => Children.Count == 0;

    /// <summary>Borrowed, but not to be taken: exempt itself, or held by exempt queues below.</summary>
    public double Untouchable { get; private set; }

    public double Ideal { get; set; }

    private double _takable;

    public static PreemptionMember Build(IReadOnlyList<PreemptionQueue> queues)
    {
        var members = new Dictionary<string, PreemptionMember>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            members[queue.Path] = new PreemptionMember(queue, queue.Path);
        }

        PreemptionMember? root = null;
        foreach (var member in members.Values.ToArray())
        {
            root = Link(member, members);
        }

        root ??= new PreemptionMember(null, QueueTree.RootPath);
        root.Sum(exempt: false);
        return root;
    }

    /// <summary>Hangs a member under its parent, making parents as needed, and returns the root.</summary>
    private static PreemptionMember Link(PreemptionMember member, Dictionary<string, PreemptionMember> members)
    {
        if (QueuePath.Parent(member.Path) is not { } path)
        {
            return member;
        }

        if (!members.TryGetValue(path, out var parent))
        {
            parent = new PreemptionMember(null, path);
            members.Add(path, parent);
        }

        if (!parent.Children.Contains(member))
        {
            parent.Children.Add(member);
        }

        return Link(parent, members);
    }

    private void Sum(bool exempt)
    {
        exempt |= queue?.IsExempt ?? false;
        foreach (var child in Children)
        {
            child.Sum(exempt);
        }

        Guaranteed = queue?.Guaranteed ?? Children.Sum(child => child.Guaranteed);
        Max = queue?.Max ?? double.PositiveInfinity;
        Used = queue is null || Children.Count > 0 ? Math.Max(queue?.Used ?? 0, Children.Sum(child => child.Used)) : queue.Used;
        Pending = Children.Count > 0 ? Children.Sum(child => child.Pending) : queue?.Pending ?? 0;
        var borrowed = Math.Max(0, Used - Guaranteed);
        _takable = IsLeaf ? (exempt ? 0 : borrowed) : Math.Min(borrowed, Children.Sum(child => child._takable));
        Untouchable = borrowed - _takable;
    }
}
