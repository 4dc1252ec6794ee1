using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Fair shares of one resource for a whole tree of queues, from the root down.</summary>
public static class FairShareTree
{
    /// <summary>Computes the share of every listed queue.</summary>
    /// <param name="mode">Who counts and what bounds a share.</param>
    /// <param name="total">What there is to share.</param>
    /// <param name="queues">The queues, in any order.</param>
    /// <param name="wholeUnits">Whether shares are whole, by largest remainder among siblings.</param>
    /// <returns>Shares by path.</returns>
    public static IReadOnlyDictionary<string,
        double> Compute(FairShareMode mode, double total, IReadOnlyList<FairShareQueue> queues, bool wholeUnits = false)
    {
        ArgumentNullException.ThrowIfNull(queues);
        var root = Build(queues, mode);
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        Share(root, mode == FairShareMode.GuaranteedThenWeighted ? total : Math.Min(total, root.Cap), mode, wholeUnits, shares);
        return shares;
    }

    private static void Share(Member parent, double amount, FairShareMode mode, bool wholeUnits, Dictionary<string, double> shares)
    {
        shares[parent.Queue.Path] = amount;
        if (parent.Children.Count == 0)
        {
            return;
        }

        var own = mode == FairShareMode.GuaranteedThenWeighted
            ? GuaranteedShares.Split(amount, parent.Children, wholeUnits)
            : Split(amount, parent.Children, wholeUnits);
        for (var i = 0; i < own.Length; i++)
        {
            Share(parent.Children[i], own[i], mode, wholeUnits, shares);
        }
    }

    private static double[] Split(double amount, List<Member> children, bool wholeUnits)
    {
        var claims = children.Select(child => new FairShareClaim(child.Queue.Weight, Math.Min(child.Queue.Min, child.Cap),
            child.Cap)).ToArray();
        var shares = new double[claims.Length];
        FairShares.Fill(amount, claims, shares);
        return wholeUnits ? [.. LargestRemainder.Round(shares).Select(share => (double)share)] : shares;
    }

    private static Member Build(IReadOnlyList<FairShareQueue> queues, FairShareMode mode)
    {
        var members = new Dictionary<string, Member>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            members[queue.Path] = new Member(queue);
        }

        var root = Member.At(QueueTree.RootPath, members);
        foreach (var queue in queues.Where(queue => queue.Path != QueueTree.RootPath))
        {
            Link(members[queue.Path], members);
        }

        root.Bound(mode);
        return root;
    }

    private static void Link(Member member, Dictionary<string, Member> members)
    {
        var path = QueuePath.Parent(member.Queue.Path)
            ?? throw SchedulerException.Invalid($"Queue '{member.Queue.Path}' does not start at '{QueueTree.RootPath}'.");
        var known = members.ContainsKey(path);
        var parent = Member.At(path, members);
        if (!known)
        {
            Link(parent, members);
        }

        parent.Children.Add(member);
    }

    /// <summary>A queue with what is below it; children keep the order in which they were listed.</summary>
    internal sealed class Member(FairShareQueue queue)
    {
        public FairShareQueue Queue { get; } = queue;

        public List<Member> Children { get; } = [];

        /// <summary>What it can take at most, itself and through what is below it.</summary>
        public double Cap { get; private set; }

        public double Demand { get; private set; }

        public bool IsActive { get; private set; }

        public static Member At(string path, Dictionary<string, Member> members)
        {
            if (!members.TryGetValue(path, out var member))
            {
                member = new Member(new FairShareQueue(path));
                members.Add(path, member);
            }

            return member;
        }

        public void Bound(FairShareMode mode)
        {
            foreach (var child in Children)
            {
                child.Bound(mode);
            }

            var isLeaf = Children.Count == 0;
            IsActive = isLeaf ? Queue.IsActive : Children.Any(child => child.IsActive);
            Demand = Math.Min(Queue.Max, isLeaf ? Queue.Demand : Children.Sum(child => child.Demand));
            Cap = mode switch
            {
                FairShareMode.Steady => Queue.Max,
                FairShareMode.Active => IsActive ? Queue.Max : 0,
                _ => Demand,
            };
        }
    }
}
